import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Event, sha256OfFile } from "../base/mod.ts";
import { packTar, type TarEntry, unpackTar } from "../formats/mod.ts";
import { type Manifest, mediaTypes, openLayout } from "../oci/mod.ts";
import { recipe, targets } from "../recipe/mod.ts";
import { image } from "../rootfs/mod.ts";
import { importRoot } from "./from-oci.ts";
import { writeDockerArchive, writeOciArchive, writeOciLayout } from "./oci-artifact.ts";

const component = recipe({ name: "linux", summary: "x", build: () => "x", test: () => "x" });
const cloud = image({
  name: "cloud",
  summary: "x",
  version: "1.2.3",
  components: [component],
  kernel: component,
  commandLine: [],
  liveCommandLine: [],
  layout: { esp: 512, root: 256, verity: 8 },
  bootTries: 3,
});

let work: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "hadron-from-"));
});
afterEach(() => rm(work, { recursive: true, force: true }));

const system = { "usr/lib/systemd/systemd": "pid 1", "usr/lib/os-release": "ID=hadron\n" };

function fileEntries(files: Record<string, string>): TarEntry[] {
  return Object.entries(files).map(([path, text]) => ({
    ...{ path, type: "file", mode: 0o644, uid: 7, size: text.length },
    content: () => Readable.from([Buffer.from(text)]),
  }));
}

/** What a build of a container image leaves at `<image>:layers`. */
async function layers(...contents: Record<string, string>[]): Promise<string> {
  const folder = join(work, "layers");
  await mkdir(folder, { recursive: true });
  for (const [index, files] of contents.entries()) {
    const tar = Buffer.concat(await packTar(fileEntries(files), 0).toArray());
    await writeFile(join(folder, `0${index}-layer.tar`), tar);
    await writeFile(join(folder, `0${index}-layer.tar.gz`), gzipSync(tar));
  }
  const facts = { name: "a", version: "1", title: "a", summary: "a", architecture: "amd64", created: 0 };
  await writeFile(join(folder, "image.json"), JSON.stringify(facts));
  return join(folder, "image.json");
}

let count = 0;

async function imported(reference: string, arch: "x86_64" | "aarch64" = "x86_64") {
  count += 1;
  const into = join(work, `into-${count}`);
  const events: Event[] = [];
  const emit = (event: Event) => void events.push(event);
  const made = await importRoot(reference, { image: cloud, target: targets[arch], into, emit });
  return { ...made, staged: join(into, "staged"), events };
}

async function unpacked(staged: string): Promise<string> {
  const root = join(dirname(staged), "root");
  await mkdir(root);
  await unpackTar(Readable.from([await readFile(join(staged, "root.tar"))]), root);
  return root;
}

it("makes the same root of a layout, an archive of it and a docker archive: with partitions, mount points and no machine id", async () => {
  const from = await layers(system, {
    "opt/app": "app",
    "etc/machine-id": "0123",
    "usr/lib/repart.d/99-other.conf": "x",
  });
  await writeOciLayout(from, join(work, "oci"), {});
  await writeOciArchive(from, join(work, "oci.tar"), {});
  await writeDockerArchive(from, join(work, "docker.tar"), {});
  await writeFile(join(work, "docker.tar.gz"), gzipSync(await readFile(join(work, "docker.tar"))));
  const made = [];
  for (const name of ["oci", "oci:1", "oci.tar", "docker.tar", "docker.tar.gz"])
    made.push(await imported(join(work, name)));
  const digests = made.map(({ input }) => (input.kind === "files" ? input.digest : ""));
  expect(new Set(digests).size).toBe(1);
  const layout = openLayout(join(work, "oci"));
  const { manifests } = await layout.readIndex();
  const [manifest] = manifests;
  const { config } = await layout.readJson<Manifest>(manifest ?? { digest: "" });
  const known = made.map(({ supplied: { name, image } }) => `${name} ${image?.of} sha256:${image?.sha256}`);
  const [folder, tagged, archive, ...docker] = known;
  expect([folder, tagged]).toEqual(["oci", "oci:1"].map((name) => `${name} manifest ${manifest?.digest}`));
  // Its layers are not compressed, so its manifest is another one.
  expect(archive).toMatch(/^oci.tar manifest sha256:[0-9a-f]{64}$/);
  expect(docker).toEqual(["docker.tar", "docker.tar.gz"].map((name) => `${name} configuration ${config.digest}`));
  const root = await unpacked(made[0]?.staged ?? "");
  expect(await readFile(join(root, "opt/app"), "utf8")).toBe("app");
  expect(await readFile(join(root, "etc/machine-id"), "utf8")).toBe("");
  expect((await readdir(join(root, "usr/lib/repart.d"))).sort()[0]).toBe("05-bios-boot.conf");
  expect(await readdir(join(root, "usr/lib/repart.d"))).toHaveLength(7);
  expect([...(made[0]?.supplied.made ?? [])]).toHaveLength(8);
  for (const [path, digest] of made[0]?.supplied.made ?? [])
    expect(await sha256OfFile(join(root, path)), path).toBe(digest);
  for (const folder of ["proc", "sys", "dev", "run", "var", "tmp"])
    expect(await readdir(join(root, folder))).toEqual([]);
  expect(await readFile(join(made[0]?.staged ?? "", "os-release"), "utf8")).toBe("ID=hadron\n");
});

it("another content is another input", async () => {
  await writeOciLayout(await layers(system), join(work, "one"), {});
  await writeOciLayout(await layers(system, { "opt/app": "app" }), join(work, "two"), {});
  const [one, two] = [await imported(join(work, "one")), await imported(join(work, "two"))];
  expect(one.input).not.toMatchObject({ digest: two.input.kind === "files" ? two.input.digest : "" });
});

it("says what it leaves out because a machine has its own there", async () => {
  await writeOciLayout(await layers(system, { "var/lib/db": "x", ".dockerenv": "" }), join(work, "oci"), {});
  const { events, staged } = await imported(join(work, "oci"));
  expect(events).toEqual([{ type: "note", message: expect.stringContaining("/var (1 files)") }]);
  expect(await readdir(await unpacked(staged))).not.toContain(".dockerenv");
});

it("refuses an image without systemd, for another architecture, damaged, or none at all", async () => {
  await writeOciLayout(await layers({ "usr/lib/os-release": "x" }), join(work, "bare"), {});
  await expect(imported(join(work, "bare"))).rejects.toMatchObject({
    code: "ROOT_INCOMPLETE",
    message: expect.stringContaining("/usr/lib/systemd/systemd"),
  });
  await writeOciLayout(await layers(system), join(work, "oci"), {});
  await expect(imported(join(work, "oci"), "aarch64")).rejects.toMatchObject({ code: "IMAGE_ARCHITECTURE" });
  await expect(imported(join(work, "oci:2"))).rejects.toMatchObject({
    code: "IMAGE_AMBIGUOUS",
    hint: expect.stringContaining("1"),
  });
  await expect(imported(join(work, "none"))).rejects.toMatchObject({ code: "IMAGE_NOT_OCI" });
  await writeFile(join(work, "text"), "no archive");
  await expect(imported(join(work, "text"))).rejects.toMatchObject({ code: "TAR_DAMAGED" });
  const [layer] = await compressedBlobs(join(work, "oci/blobs/sha256"));
  await writeFile(layer ?? "", gzipSync("something else"));
  await expect(imported(join(work, "oci"))).rejects.toMatchObject({ kind: "input" });
});

it("refuses layers packed in a way that it does not know, by the image, and says which it knows", async () => {
  await writeOciLayout(await layers(system), join(work, "oci"), {});
  const layout = openLayout(join(work, "oci"));
  const [described] = (await layout.readIndex()).manifests;
  if (!described) throw new Error("The layout names no image");
  const manifest = await layout.readJson<Manifest>(described);
  const packed = manifest.layers.map((layer) => ({ ...layer, mediaType: `${mediaTypes.layerTar}+lz4` }));
  const { digest, size } = await layout.writeJson({ ...manifest, layers: packed }, described.mediaType);
  await layout.writeIndex([{ ...described, digest, size }]);
  await expect(imported(layout.path)).rejects.toMatchObject({
    code: "IMAGE_NOT_OCI",
    at: layout.path,
    hint: expect.stringContaining("gzip or zstd"),
  });
});

it("refuses an archive that names files of this machine", async () => {
  const entries: TarEntry[] = [
    { path: "manifest.json", type: "link", target: join(work, "secret") },
    { path: "layer.tar", type: "link", target: "/etc/passwd" },
  ];
  await writeFile(join(work, "secret"), "[]");
  await writeFile(join(work, "evil.tar"), Buffer.concat(await packTar(entries, 0).toArray()));
  await expect(imported(join(work, "evil.tar"))).rejects.toMatchObject({ code: "IMAGE_NOT_OCI" });
});

it("refuses an archive that names what no file can be called", async () => {
  const manifest = JSON.stringify([{ Config: "config.json", RepoTags: ["a:b"], Layers: ["a\0b"] }]);
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: ["sha256:0"] },
  });
  const entries = fileEntries({ "manifest.json": manifest, "config.json": config });
  await writeFile(join(work, "null.tar"), Buffer.concat(await packTar(entries, 0).toArray()));
  await expect(imported(join(work, "null.tar"))).rejects.toMatchObject({
    code: "IMAGE_NOT_OCI",
    message: expect.stringContaining("no file can be called"),
  });
});

async function compressedBlobs(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const sized = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), text: await readFile(join(folder, name)) })),
  );
  return sized.filter(({ text }) => text[0] === 0x1f).map(({ path }) => path);
}
