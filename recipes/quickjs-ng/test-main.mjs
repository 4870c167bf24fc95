import * as os from "qjs:os";
import * as std from "qjs:std";
import { sum } from "./test-sum.mjs";

const later = (value) => new Promise((resolve) => os.setTimeout(() => resolve(value), 1));
const words = /(?<first>\p{L}+) (\d+)/u.exec("größe 42");
const { big, ...rest } = {
  big: sum([2n ** 64n, await later(1n)]),
  args: scriptArgs.slice(1),
  first: words?.groups?.first,
};
std.out.puts(JSON.stringify({ ...rest, big: String(big) }) + "\n");
std.exit(3);
