import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../src/base/mod.ts";

const leftOut = [".git", "node_modules", "out"];

/** The files of this checkout, with their times, by which `./hadron` knows that it is set up; without the packages. */
export function copyCheckout(to: string): void {
  for (const name of readdirSync(projectRoot).filter((name) => !leftOut.includes(name)))
    cpSync(join(projectRoot, name), join(to, name), { recursive: true, preserveTimestamps: true });
}
