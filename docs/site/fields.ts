import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../src/base/mod.ts";

export interface Field {
  name: string;
  /** As it stands in the source; empty for schemas, whose types are calls. */
  type: string;
  optional: boolean;
  /** The comment above it, or above its only use. */
  summary: string;
}

/**
 * The fields of an interface, or of a `z.strictObject`, with their comments: read from the source's text, so that the reference
 * says what the program's own authors read. A nested object's fields come as `needs.libs`.
 * @param declared `interface RecipeFields`, `const candidate = z.strictObject`
 * @throws Error where the source has no such declaration
 */
export function fieldsOf(path: string, declared: string): Field[] {
  return readFields(readFileSync(join(projectRoot, path), "utf8"), declared);
}

/** The same, of a text. */
export function readFields(source: string, declared: string): Field[] {
  // A type that goes on in the next lines.
  const lines = source
    .replace(/:\n\s+\| /g, ": ")
    .replace(/\n\s+\| /g, " | ")
    .split("\n");
  const start = lines.findIndex((line) => line.replace(/^export /, "").startsWith(declared));
  if (start < 0) throw new Error(`Nothing is declared as "${declared}"`);
  const fields: Field[] = [];
  const outer: string[] = [];
  let comment: string[] = [];
  let isComment = false;
  for (const line of lines.slice(start + 1)) {
    const text = line.trim();
    if (/^\}/.test(line)) break;
    if (text.startsWith("/**")) [comment, isComment] = [[], true];
    if (isComment) {
      comment.push(text.replace(/^\/?\*+\/?\s?/, "").replace(/\s*\*\/$/, ""));
      isComment = !text.endsWith("*/");
      continue;
    }
    const match = /^(\w+)(\?)?: (.*?)[;,]?$/.exec(text);
    if (match) {
      const [, name = "", mark, type = ""] = match;
      const isNested = type === "{";
      const summary = comment.join(" ").trim();
      const optional = mark !== undefined || type.includes(".optional()");
      fields.push({
        name: [...outer, name].join("."),
        type: isNested || type.startsWith("z.") ? "" : type,
        optional,
        summary,
      });
      if (isNested) outer.push(name);
    } else if (/^\}/.test(text)) outer.pop();
    comment = [];
  }
  return fields;
}
