import { compareText, HadronError, type Sha256 } from "../base/mod.ts";

/** What a release consists of, by digest: who builds the same gets the same list. */
export interface DigestList {
  arch: string;
  /** Versions of images, by name. */
  images: ReadonlyMap<string, string>;
  /** By `<image>.<kind>`. */
  artifacts: ReadonlyMap<string, Sha256>;
  /** Digests of output trees, by step. */
  steps: ReadonlyMap<string, Sha256>;
}

const begin = "hadron-digests 1";
const words = { image: "images", artifact: "artifacts", step: "steps" } as const;
const longestText = 1 << 20;

/**
 * The list as text: a line that says what it is, then one for each image, artifact and step, sorted. Equal lists are equal bytes, so that
 * a signature of the file is one of the list.
 *
 *     hadron-digests 1 x86_64
 *     artifact cloud.disk 6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
 *     image cloud 0.1.0
 *     step zlib d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35
 */
export function renderDigests(list: DigestList): string {
  const lines = Object.entries(words).flatMap(([word, field]) =>
    [...list[field]].map(([name, value]) => `${word} ${name} ${value}`),
  );
  return `${[`${begin} ${list.arch}`, ...lines.sort(compareText)].join("\n")}\n`;
}

/** @throws HadronError `DIGESTS_INVALID` with the line */
export function parseDigests(text: string, at: string): DigestList {
  const [first = "", ...lines] = text.split("\n");
  const arch = first.startsWith(`${begin} `) ? first.slice(begin.length + 1) : "";
  if (text.length > longestText || !/^\w+$/.test(arch)) throw invalid(`it does not begin with "${begin}"`, at, 1);
  if (lines.pop() !== "") throw invalid("its end is missing", at, lines.length + 2);
  const list = { arch, images: new Map(), artifacts: new Map(), steps: new Map() };
  for (const [index, line] of lines.entries()) {
    const [, word = "", name = "", value = ""] = /^(image|artifact|step) ([\w.:+-]+) ([\w.+-]+)$/.exec(line) ?? [];
    const field = words[word as keyof typeof words];
    const isGood = field !== undefined && (field === "images" || /^[0-9a-f]{64}$/.test(value));
    if (!isGood) throw invalid("the line is not what it should be", at, index + 2);
    if (list[field].has(name)) throw invalid(`"${word} ${name}" comes twice`, at, index + 2);
    list[field].set(name, value);
  }
  return list;
}

export interface DigestDifference {
  what: "architecture" | "image" | "artifact" | "step";
  name: string;
  /** What the list says; undefined where it says nothing of it. */
  expected: string | undefined;
  /** What came out here. */
  found: string | undefined;
}

/** In what two lists differ: images, then artifacts, then steps, each sorted by name. */
export function compareDigests(expected: DigestList, found: DigestList): DigestDifference[] {
  const architecture =
    expected.arch === found.arch
      ? []
      : [{ what: "architecture" as const, name: "", expected: expected.arch, found: found.arch }];
  const rest = (Object.keys(words) as (keyof typeof words)[]).flatMap((what) => {
    const [listed, here] = [expected[words[what]], found[words[what]]];
    return [...new Set([...listed.keys(), ...here.keys()])]
      .sort(compareText)
      .filter((name) => listed.get(name) !== here.get(name))
      .map((name) => ({ what, name, expected: listed.get(name), found: here.get(name) }));
  });
  return [...architecture, ...rest];
}

function invalid(why: string, at: string, line: number): HadronError {
  return new HadronError(`This is no list of digests: ${why}`, {
    kind: "input",
    code: "DIGESTS_INVALID",
    at: `${at}:${line}`,
    hint: "Take the file whole, as it was published",
  });
}
