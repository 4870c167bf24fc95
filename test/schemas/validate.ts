import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { projectRoot } from "../../src/base/mod.ts";

/**
 * What the published schemas say of a document. That of CycloneDX 1.6 comes with the project's own npm library; that of SPDX 3.0.1 is kept
 * beside this file (README.md).
 */
export function sbomProblems(format: "spdx" | "cyclonedx", document: unknown): string[] {
  const validate = compiled[format]();
  if (validate(document)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}

const library = join(projectRoot, "node_modules/@cyclonedx/cyclonedx-library/res/schema");
/** What the schemas call each other is relative to this. */
const base = "http://cyclonedx.org/schema";
const read = (path: string): object => JSON.parse(readFileSync(path, "utf8")) as object;
const addFormats = formats.default;
const options = { strict: false, formats: { "iri-reference": true, "idn-email": true } } as const;

const compiled = {
  spdx: once(() => addFormats(new Ajv2020(options)).compile(read(join(import.meta.dirname, "spdx-3.0.1.schema.json")))),
  cyclonedx: once(() =>
    addFormats(new Ajv(options))
      .addSchema(read(join(library, "spdx.SNAPSHOT.schema.json")), `${base}/spdx.SNAPSHOT.schema.json`)
      .addSchema(read(join(library, "jsf-0.82.SNAPSHOT.schema.json")), `${base}/jsf-0.82.SNAPSHOT.schema.json`)
      .compile(read(join(library, "bom-1.6.SNAPSHOT.schema.json"))),
  ),
};

/** Compiling a schema takes a good part of a second. */
function once(make: () => ValidateFunction): () => ValidateFunction {
  let made: ValidateFunction | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
