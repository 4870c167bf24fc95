import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { mediaTypes, openLayout } from "../../oci/mod.ts";
import { testContext } from "../test-context.ts";
import { command } from "./inspect.ts";

const evil = "\x1b[2J\x1b]0;pwned\x07\x9b31m\b\n";
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

it("shows nothing of a layout or registry that a terminal would obey", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-inspect-"));
  const layout = openLayout(folder.path);
  const config = await layout.writeJson({ os: `lin${evil}ux`, architecture: "amd64" }, mediaTypes.config);
  const layer = { ...config, mediaType: `a${evil}/layer` };
  const annotations = { [`na${evil}me`]: `val${evil}ue` };
  const image = { schemaVersion: 2, artifactType: `a${evil}/type`, config, layers: [layer], annotations };
  const manifest = await layout.writeJson(image, mediaTypes.manifest);
  const platform = { os: "linux", architecture: `am${evil}d64` };
  const input = { subject: folder.path, json: false, events: "auto" as const, ca: undefined, plainHttp: [] };
  const both = { schemaVersion: 2, manifests: [{ ...manifest, platform }, manifest] };
  for (const root of [manifest, await layout.writeJson(both, mediaTypes.index)]) {
    await layout.writeIndex([root]);
    const text = command.render(await command.run(input, testContext()), input);
    expect(text).not.toMatch(control);
    expect(text).not.toContain("pwned");
    if (root === manifest) expect(text).toMatch(/^na me: val ue$/m);
    // One line each, whatever is in them.
    expect(text.trimEnd().split("\n")).toHaveLength(root === manifest ? 8 : 7);
  }
});
