import { join, resolve } from "node:path";
import { compareText, HadronError } from "../../base/mod.ts";
import {
  type Bundle,
  bundleSources,
  fetchSources,
  formatSourceChange,
  listSources,
  readSourceLock,
  refuseDamagedSources,
  type SourceChange,
  type SourceRow,
  sourceNames,
  updateSources,
  type VerifiedSource,
  verifySources,
  writeSignatureFiles,
  writeSourceLock,
} from "../../engine/mod.ts";
import { formatBytes, renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { parseFingerprint } from "../parse-fingerprint.ts";
import { assertSource, sourceOptions } from "../project.ts";
import { sourcesOfImage } from "../sources-of-image.ts";

type Data =
  | { action: "list"; sources: SourceRow[] }
  | { action: "fetch"; sources: { name: string; version: string; origin: string; sha256: string; path: string }[] }
  | { action: "verify"; sources: VerifiedSource[] }
  | { action: "update"; changes: SourceChange[] }
  | ({ action: "bundle" } & Bundle);

export const command = defineCommand("sources", {
  run: async (input, context): Promise<Data> => {
    const lock = readSourceLock();
    for (const name of input.source) assertSource(name, lock);
    const names = input.source.length === 0 ? sourceNames(lock) : [...new Set(input.source)].sort(compareText);
    const { cacheRoot, emit, signal } = context;
    switch (input.action) {
      case "list":
        return {
          action: "list",
          sources: (await listSources({ lock, cacheRoot })).filter(({ name }) => names.includes(name)),
        };
      case "fetch": {
        const fetched = await fetchSources(names, sourceOptions(input, lock, context));
        const sources = [...fetched].map(([name, source]) => ({ name, ...source }));
        return { action: "fetch", sources: sources.sort((a, b) => compareText(a.name, b.name)) };
      }
      case "verify": {
        const verified = await verifySources({ lock, cacheRoot, names, emit });
        refuseDamagedSources(verified);
        return { action: "verify", sources: verified };
      }
      case "update": {
        const { mirror, allowUnsignedIndex: allowUnsigned, signatures: signaturesOnly, acceptUnsigned } = input;
        const acceptKeys = input.acceptKey.map(parseFingerprint);
        const where = { lock, cacheRoot, names, mirror, folder: join(context.root, "signatures"), emit, signal };
        const updated = await updateSources({ ...where, allowUnsigned, signaturesOnly, acceptKeys, acceptUnsigned });
        if (updated.changes.length > 0) await writeSourceLock(updated.lock);
        if (updated.signatures.length > 0)
          await writeSignatureFiles(updated.signatures, { lock: updated.lock, folder: where.folder });
        return { action: "update", changes: updated.changes };
      }
      case "bundle": {
        const { image, output } = input;
        if (output === undefined)
          throw bundleNeeds("Option --output is missing", "Give --output FILE.tar or --output DIR");
        if (image !== undefined && input.source.length > 0)
          throw bundleNeeds("Both sources and an image are named", "Name sources, or --image IMAGE, or neither");
        const wanted = image === undefined ? names : await sourcesOfImage(image, { arch: input.arch, context });
        const options = {
          ...sourceOptions(input, lock, context),
          root: context.root,
          image,
          output: resolve(output),
        };
        return { action: "bundle", ...(await bundleSources(wanted, options)) };
      }
    }
  },
  render: (data) => {
    switch (data.action) {
      case "list":
        return renderTable(
          ["SOURCE", "VERSION", "ORIGIN", "SIGNED", "SIZE", "FETCHED"],
          data.sources.map(({ name, version, origin, signer, size, present, place }) => [
            name,
            version,
            origin,
            signer ?? "no",
            formatBytes(size),
            present ? (place ?? "yes") : "no",
          ]),
        );
      case "fetch":
        return renderTable(
          ["SOURCE", "VERSION", "ORIGIN", "SHA-256"],
          data.sources.map(({ name, version, origin, sha256 }) => [name, version, origin, sha256]),
        );
      case "verify":
        return renderTable(
          ["SOURCE", "STATE", "SIGNATURE", "SHA-256"],
          data.sources.map(({ name, outcome, signature, sha256 }) => [name, outcome, signature ?? "-", sha256]),
        );
      case "update":
        return data.changes.length === 0
          ? "Nothing to change\n"
          : data.changes.map((change) => `${formatSourceChange(change)}\n`).join("");
      case "bundle":
        return `${data.output}: ${data.sources} sources, ${data.files} files, ${formatBytes(data.size)}\n`;
    }
  },
});

function bundleNeeds(message: string, hint: string): HadronError {
  return new HadronError(message, { kind: "usage", code: "USAGE_OPTION", hint });
}
