import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entrySigner, entryTrust, makeKey, type PublicKey, readSigningKey } from "../../src/attest/mod.ts";
import { type Event, silent } from "../../src/base/mod.ts";
import { type EntrySigner, exportToRegistry, openCaches, trustAnyone } from "../../src/engine/mod.ts";
import { openTestStore } from "../../src/engine/store/test-store.ts";
import {
  type Descriptor,
  type Inspected,
  type Layout,
  type Moved,
  mediaTypes,
  openLayout,
  parseReference,
  pullToLayout,
  pushLayout,
} from "../../src/oci/mod.ts";
import { freshFolder } from "./support/artifacts.ts";
import { hadron, hadronData } from "./support/hadron-command.ts";
import { judge } from "./support/judge.ts";
import { type RealRegistry, startRegistry } from "./support/registry.ts";

const refName = "org.opencontainers.image.ref.name";
const signatureType = "application/x-signature";
const password = "a test only";
/** bcrypt of it. */
const htpasswd = "me:$2y$05$abcdefghijklmnopqrstuuyRUAgtyKVF1qwojs5aveZ/90lr9yd/m\n";

let folder: string;
let open: RealRegistry;
let image: Awaited<ReturnType<typeof makeImage>>;

/** A layout with `v1`, an image for one machine; `all`, an index of it and another; and what is attached to `v1`. */
async function makeImage(path: string, layerBytes: number) {
  const layout = openLayout(path);
  const shared = { schemaVersion: 2, mediaType: mediaTypes.manifest };
  const write = async (architecture: string): Promise<Descriptor> => {
    const bytes = gzipSync(randomBytes(layerBytes), { level: 0 });
    const layer = { mediaType: mediaTypes.layerTarGzip, ...(await layout.writeBlob(Readable.from([bytes]))) };
    const settings = { architecture, os: "linux", rootfs: { type: "layers", diff_ids: [`sha256:${"0".repeat(64)}`] } };
    const config = await layout.writeJson(settings, mediaTypes.config);
    const manifest = await layout.writeJson({ ...shared, config, layers: [layer] }, mediaTypes.manifest);
    return { ...manifest, platform: { architecture, os: "linux" } };
  };
  const [amd64, arm64] = [await write("amd64"), await write("arm64")];
  const indexed = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [amd64, arm64] };
  const index = await layout.writeJson(indexed, mediaTypes.index);
  const empty = await layout.writeJson({}, mediaTypes.empty);
  const { platform: _, ...subject } = amd64;
  const attached = { ...shared, artifactType: signatureType, config: empty, layers: [empty], subject };
  const signature = await layout.writeJson(attached, mediaTypes.manifest);
  const named = (descriptor: Descriptor, tag: string) => ({ ...descriptor, annotations: { [refName]: tag } });
  await layout.writeIndex([named(subject, "v1"), named(index, "all"), signature]);
  return { layout, amd64, arm64, index, signature };
}

/** Standard output of another project's tool, which must succeed. */
async function ask(tool: "oras" | "skopeo" | "openssl", ...words: string[]): Promise<string> {
  const policy = tool === "skopeo" ? ["--insecure-policy"] : [];
  const env = { HOME: folder, TMPDIR: folder, OPENSSL_CONF: join(folder, "openssl.cnf") };
  const { exitCode, stdout, stderr } = await judge("containers", `usr/bin/${tool}`, [...policy, ...words], env);
  if (exitCode !== 0) throw new Error(`"${tool} ${words.join(" ")}" ended with status ${exitCode}: ${stderr}${stdout}`);
  return stdout;
}

const plain = () => ({ HADRON_PLAIN_HTTP: open.host });
const at = (name: string) => `${open.host}/${name}`;

async function blobsOf({ path }: Layout, { digest }: Descriptor): Promise<Buffer> {
  return readFile(openLayout(path).blobPath(digest));
}

beforeAll(async () => {
  folder = await freshFolder("registry");
  open = await startRegistry(join(folder, "open"));
  image = await makeImage(join(folder, "image"), 3 << 20);
});
afterAll(() => open[Symbol.asyncDispose]());

describe("what hadron push wrote", () => {
  beforeAll(async () => {
    const words = ["push", `${image.layout.path}:v1`, at("ours:v1"), "--plain-http", open.host];
    const moved = await hadronData<Moved>(words);
    expect(moved).toMatchObject({ digest: image.amd64.digest, blobs: 3, referrers: [image.signature.digest] });
    await hadronData(["push", `${image.layout.path}:all`, at("ours:all")], { env: plain() });
  });

  it("skopeo reads, and copies with the same digest", async () => {
    const found = JSON.parse(await ask("skopeo", "inspect", "--tls-verify=false", `docker://${at("ours:v1")}`));
    expect(found).toMatchObject({ Digest: image.amd64.digest, Architecture: "amd64" });
    const to = join(folder, "by-skopeo");
    await ask(
      "skopeo",
      "copy",
      "--all",
      "--preserve-digests",
      "--src-tls-verify=false",
      `docker://${at("ours:all")}`,
      `oci:${to}:all`,
    );
    const { manifests } = await openLayout(to).readIndex();
    expect(manifests.map(({ digest }) => digest)).toEqual([image.index.digest]);
  });

  it("oras reads, with what is attached to it", async () => {
    const fetched = await ask("oras", "manifest", "fetch", "--plain-http", "--descriptor", at("ours:v1"));
    expect(JSON.parse(fetched)).toMatchObject({ digest: image.amd64.digest, size: image.amd64.size });
    const said = await ask("oras", "discover", "--plain-http", "--format", "json", at("ours:v1"));
    expect(JSON.parse(said)).toMatchObject({
      manifests: [expect.objectContaining({ digest: image.signature.digest, artifactType: signatureType })],
    });
  });
});

describe("hadron pull and inspect read", () => {
  it("what skopeo wrote", async () => {
    await ask(
      "skopeo",
      "copy",
      "--all",
      "--preserve-digests",
      "--dest-tls-verify=false",
      `oci:${image.layout.path}:all`,
      `docker://${at("theirs:all")}`,
    );
    const to = join(folder, "from-skopeo");
    const moved = await hadronData<Moved>(["pull", at("theirs:all"), to], { env: plain() });
    expect(moved).toMatchObject({ digest: image.index.digest, manifests: 3, blobs: 4 });
    for (const part of [image.index, image.amd64, image.arm64])
      expect(await blobsOf(openLayout(to), part)).toEqual(await blobsOf(image.layout, part));
    expect(await ask("skopeo", "inspect", "--raw", `oci:${to}:all`)).toBe(
      String(await blobsOf(image.layout, image.index)),
    );
  });

  it("what oras wrote, and what it attached", async () => {
    const files = join(folder, "files");
    await mkdir(files, { recursive: true });
    await writeFile(join(files, "hello.txt"), "hello\n");
    const file = `${join(files, "hello.txt")}:text/plain`;
    const shared = ["--plain-http", "--disable-path-validation"];
    await ask("oras", "push", ...shared, "--artifact-type", "application/x-greeting", at("artifact:v1"), file);
    await ask("oras", "attach", ...shared, "--artifact-type", signatureType, at("artifact:v1"), file);
    const found = await hadronData<Inspected>(["inspect", at("artifact:v1")], { env: plain() });
    expect(found).toMatchObject({
      artifactType: "application/x-greeting",
      referrers: [{ artifactType: signatureType }],
    });
    const to = join(folder, "from-oras");
    const moved = await hadronData<Moved>(["pull", found.reference, to], { env: plain() });
    expect(moved).toMatchObject({ digest: found.digest, referrers: [found.referrers[0]?.digest] });
    const [layer] = found.layers as [Descriptor];
    expect(String(await blobsOf(openLayout(to), layer))).toBe("hello\n");
    expect(await hadronData(["inspect", to])).toMatchObject({ digest: found.digest, referrers: found.referrers });
  });
});

it("a registry that is killed in the middle of a push and started again gets all of it, and gives it back", async () => {
  await using registry = await startRegistry(join(folder, "killed"));
  const large = await makeImage(join(folder, "large"), 60 << 20);
  const reference = parseReference(`${registry.host}/large:v1`);
  const options = { environment: {}, plainHttp: [registry.host], withReferrers: true };
  let restart: Promise<void> | undefined;
  const moved = await pushLayout(`${large.layout.path}:v1`, reference, {
    ...options,
    emit: (event) => {
      if (event.type === "send-progress" && event.sent > 25 << 20)
        restart ??= registry.kill().then(() => setTimeout(1000).then(registry.start));
    },
  });
  expect(restart).toBeDefined();
  await restart;
  expect(moved.digest).toBe(large.amd64.digest);
  const to = join(folder, "large-back");
  let isKilled = false;
  const pulled = await pullToLayout(reference, to, {
    ...options,
    emit: (event) => {
      if (isKilled || event.type !== "fetch-progress" || event.received < 20 << 20) return;
      isKilled = true;
      restart = registry.kill().then(registry.start);
    },
  });
  await restart;
  expect(pulled).toMatchObject({ digest: moved.digest, referrers: [large.signature.digest] });
}, 120_000);

describe("a registry with a certificate of its own that asks for a password", () => {
  let closed: RealRegistry;
  let ca: string;
  let config: string;

  beforeAll(async () => {
    const files = join(folder, "closed");
    await mkdir(files, { recursive: true });
    ca = join(files, "ca.pem");
    config = join(files, "docker");
    const key = join(files, "key.pem");
    await writeFile(join(folder, "openssl.cnf"), "[req]\ndistinguished_name = name\n[name]\n");
    const named = ["-subj", "/CN=registry", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
    await ask("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", ca, ...named);
    await writeFile(join(files, "htpasswd"), htpasswd);
    closed = await startRegistry(files, { htpasswd: join(files, "htpasswd"), certificate: ca, key });
    const login = ["--ca-file", ca, "--registry-config", join(config, "config.json"), "-u", "me", "-p", password];
    await mkdir(config);
    await ask("oras", "login", ...login, closed.host);
  });
  afterAll(() => closed[Symbol.asyncDispose]());

  const push = (env: Record<string, string>, ...words: string[]) =>
    hadron(["push", `${image.layout.path}:v1`, `${closed.host}/secret/image:v1`, "--json", ...words], { env });
  const codeOf = ({ stdout }: { stdout: string }) => (JSON.parse(stdout) as { error?: { code: string } }).error?.code;

  it("takes what is pushed with --ca and the credentials that another tool's login left", async () => {
    const env = { DOCKER_CONFIG: config, HADRON_REGISTRY_CA: ca };
    expect(await push({ DOCKER_CONFIG: config }, "--ca", ca)).toMatchObject({ status: 0 });
    const found = await hadronData<Inspected>(["inspect", `${closed.host}/secret/image:v1`], { env });
    expect(found).toMatchObject({ digest: image.amd64.digest, platform: "linux/amd64" });
    const to = join(folder, "secret");
    const pulled = await hadronData<Moved>(["pull", `${closed.host}/secret/image:v1`, to], { env });
    expect(pulled.referrers).toEqual([image.signature.digest]);
  });

  it("is not trusted without its certificate, and takes nothing without a password: exit status 4", async () => {
    const untrusted = await push({ DOCKER_CONFIG: config });
    expect({ status: untrusted.status, code: codeOf(untrusted) }).toEqual({ status: 4, code: "REGISTRY_UNTRUSTED" });
    const unknown = await push({ DOCKER_CONFIG: join(folder, "none") }, "--ca", ca);
    expect({ status: unknown.status, code: codeOf(unknown) }).toEqual({ status: 4, code: "REGISTRY_UNAUTHORIZED" });
  });
});

it("the real one keeps step outputs, which another store takes from it", async () => {
  await using there = await openTestStore();
  await using here = await openTestStore();
  const result = await there.put("zlib", { "usr/lib/libz.so": "z".repeat(5_000_000) });
  const options = { environment: {}, plainHttp: [open.host] };
  const { registry, repository } = parseReference(at("cache"));
  expect(await exportToRegistry(there.store, [result], { registry, repository }, options)).toMatchObject({
    entries: 1,
  });
  const caches = await openCaches([`oci://${at("cache")}`], here.store, {
    emit: silent,
    trust: trustAnyone,
    registry: options,
  });
  expect(await caches.look(result.key, { id: "zlib" })).toEqual(result);
  expect(await caches.take(result, { id: "zlib" })).toEqual(result);
  expect(await here.store.find(result.key)).toEqual(result);
});

it("the real one keeps step outputs that are signed, and another key's are refused", async () => {
  await using there = await openTestStore();
  await using here = await openTestStore();
  const keys = join(folder, "cache-keys");
  const [ours, others] = await Promise.all(
    ["ours.key", "others.key"].map((name) => makeKey(join(keys, name), { test: false })),
  );
  if (!ours || !others) throw new Error("There are no keys");
  const result = await there.put("zlib", { "usr/lib/libz.so": "z".repeat(5_000_000) });
  const registry = { environment: {}, plainHttp: [open.host] };
  const { tag: _, ...reference } = parseReference(at("signed-cache"));
  const send = async (signer?: EntrySigner) =>
    (await exportToRegistry(there.store, [result], reference, { ...registry, signer })).entries;
  const ask = async (trusted: PublicKey) => {
    const events: Event[] = [];
    const emit = (event: Event) => void events.push(event);
    const options = { emit, trust: entryTrust([trusted]), registry };
    const caches = await openCaches([`oci://${at("signed-cache")}`], here.store, options);
    const found = await caches.look(result.key, { id: "zlib" });
    return { found, warnings: events.flatMap((event) => (event.type === "warning" ? [event.code] : [])) };
  };
  const refused = { found: undefined, warnings: ["CACHE_ENTRY_REFUSED"] };
  expect(await send()).toBe(1);
  expect(await ask(ours.publicKey)).toEqual(refused);
  // What is there is signed by being written anew, and not twice.
  const signer = entrySigner(await readSigningKey(ours.path));
  expect([await send(signer), await send(signer)]).toEqual([1, 0]);
  expect(await ask(ours.publicKey)).toEqual({ found: result, warnings: [] });
  expect(await ask(others.publicKey)).toEqual(refused);
});

it("a reference or a layout that is none has an exit status of its own", async () => {
  const statuses = [];
  for (const words of [
    ["pull", "no-registry", join(folder, "x")],
    ["push", join(folder, "nothing"), at("x:1")],
    ["pull", at("nothing:1"), join(folder, "x")],
  ])
    statuses.push((await hadron(words, { env: plain() })).status);
  expect(statuses).toEqual([2, 3, 4]);
});
