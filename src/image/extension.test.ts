import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../base/mod.ts";
import { packTar, type TarEntry, unpackTar } from "../formats/mod.ts";
import { targets } from "../recipe/mod.ts";
import { type ExtensionKind, importExtension } from "./extension.ts";
import { writeOciLayout } from "./oci-artifact.ts";

let work: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "hadron-extension-"));
});
afterEach(() => rm(work, { recursive: true, force: true }));

async function put(path: string, text = "x", mode = 0o644): Promise<void> {
  await mkdir(dirname(join(work, path)), { recursive: true });
  await writeFile(join(work, path), text);
  await chmod(join(work, path), mode);
}

let count = 0;

/** The tree that the step gets, unpacked, and the input's digest. */
async function imported(from: string, kind: ExtensionKind, name = "tools") {
  count += 1;
  const into = join(work, `into-${count}`);
  const options = { kind, name, target: targets.x86_64, into };
  const { input, supplied } = await importExtension(join(work, from), options);
  const tree = join(into, "tree");
  await mkdir(tree);
  await unpackTar(Readable.from([await readFile(join(into, "staged/root.tar"))]), tree);
  return { tree, supplied, digest: input.kind === "files" ? input.digest : "" };
}

describe("a system extension", () => {
  it("has the files of a folder with their modes and links, and says which OS and architecture it fits", async () => {
    await put("files/usr/bin/tool", "program", 0o755);
    await put("files/opt/tool/secret", "key", 0o600);
    await symlink("tool", join(work, "files/usr/bin/alias"));
    const { tree, supplied } = await imported("files", "sysext");
    expect(supplied).toEqual({
      name: "files",
      files: new Map([
        ["opt/tool/secret", sha256("key")],
        ["usr/bin/tool", sha256("program")],
      ]),
      made: new Map([["usr/lib/extension-release.d/extension-release.tools", expect.stringMatching(/^[0-9a-f]{64}$/)]]),
    });
    expect((await stat(join(tree, "usr/bin/tool"))).mode & 0o7777).toBe(0o755);
    expect((await stat(join(tree, "opt/tool/secret"))).mode & 0o7777).toBe(0o600);
    expect(await readFile(join(tree, "usr/bin/alias"), "utf8")).toBe("program");
    const release = await readFile(join(tree, "usr/lib/extension-release.d/extension-release.tools"), "utf8");
    expect(release).toBe("ID=hadron\nSYSEXT_LEVEL=1\nARCHITECTURE=x86-64\n");
  });

  it("lets systemd read its configuration again where it brings a unit", async () => {
    await put("files/usr/lib/systemd/system/tool.service", "[Service]\n");
    const { tree } = await imported("files", "sysext");
    const release = await readFile(join(tree, "usr/lib/extension-release.d/extension-release.tools"), "utf8");
    expect(release).toContain("EXTENSION_RELOAD_MANAGER=1");
  });

  it("keeps what its own files say of where it fits", async () => {
    await put("files/usr/lib/extension-release.d/extension-release.tools", "ID=other\n");
    const { tree } = await imported("files", "sysext");
    const folder = join(tree, "usr/lib/extension-release.d");
    expect(await readdir(folder)).toEqual(["extension-release.tools"]);
    expect(await readFile(join(folder, "extension-release.tools"), "utf8")).toBe("ID=other\n");
  });

  it("can come from a container image", async () => {
    const text = Buffer.from("program");
    const entry: TarEntry = {
      path: "usr/bin/tool",
      type: "file",
      mode: 0o755,
      size: text.length,
      content: () => Readable.from([text]),
    };
    const tar = Buffer.concat(await packTar([entry], 0).toArray());
    await mkdir(join(work, "layers"));
    await writeFile(join(work, "layers/00-layer.tar"), tar);
    await writeFile(join(work, "layers/00-layer.tar.gz"), gzipSync(tar));
    const facts = { name: "a", version: "1", title: "a", summary: "a", architecture: "amd64", created: 0 };
    await writeFile(join(work, "layers/image.json"), JSON.stringify(facts));
    await writeOciLayout(join(work, "layers/image.json"), join(work, "oci"), {});
    const { tree } = await imported("oci", "sysext");
    expect(await readFile(join(tree, "usr/bin/tool"), "utf8")).toBe("program");
  });
});

it("a configuration extension has /etc, and fits every architecture", async () => {
  await put("files/etc/app.conf");
  const { tree } = await imported("files", "confext", "settings");
  const release = await readFile(join(tree, "etc/extension-release.d/extension-release.settings"), "utf8");
  expect(release).toBe("ID=hadron\nCONFEXT_LEVEL=1\n");
});

it("equal folders give equal inputs, other names and contents others", async () => {
  await put("one/usr/bin/tool");
  await put("two/usr/bin/tool");
  await put("three/usr/bin/tool", "y");
  const [one, two] = [await imported("one", "sysext"), await imported("two", "sysext")];
  expect(two.digest).toBe(one.digest);
  expect((await imported("three", "sysext")).digest).not.toBe(one.digest);
  expect((await imported("one", "sysext", "other")).digest).not.toBe(one.digest);
});

describe("refuses by name", () => {
  it.each([
    ["sysext", "etc/app.conf", "/etc", "--as confext"],
    ["confext", "usr/bin/tool", "/usr", "--as sysext"],
    ["sysext", "var/lib/data", "/var", "FROM scratch"],
    ["sysext", "usr/lib/os-release", "/usr/lib/os-release", "adds to an OS"],
  ] as const)("in a %s: %s", async (kind, path, message, hint) => {
    await put(`files/${path}`);
    await expect(imported("files", kind)).rejects.toMatchObject({
      code: "EXTENSION_CONTENT",
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });

  it("an empty folder", async () => {
    await mkdir(join(work, "files"));
    await expect(imported("files", "sysext")).rejects.toMatchObject({ code: "EXTENSION_CONTENT" });
  });

  it("a link in the place of /usr", async () => {
    await put("files/opt/bin/tool");
    await symlink("opt", join(work, "files/usr"));
    await expect(imported("files", "sysext")).rejects.toMatchObject({ code: "EXTENSION_CONTENT" });
  });

  it.each(["", "a/b", ".hidden", "tool.raw", "x".repeat(30), "-x", "a b"])("the name %o", async (name) => {
    await put("files/usr/bin/tool");
    await expect(imported("files", "sysext", name)).rejects.toMatchObject({ code: "EXTENSION_NAME" });
  });
});
