import { verify } from "node:crypto";
import { cpSync } from "node:fs";
import { mkdtempDisposable, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  entrySigner,
  entryTrust,
  makeKey,
  type PublicKey,
  readPublicKey,
  readSigningKey,
} from "../../src/attest/mod.ts";
import { type Event, silent } from "../../src/base/mod.ts";
import {
  type EntrySigner,
  type EntryTrust,
  exportCache,
  exportToRegistry,
  openCaches,
  type StepResult,
} from "../../src/engine/mod.ts";
import { openTestStore, type TestStore } from "../../src/engine/store/test-store.ts";
import { type Manifest, openLayout, parseReference } from "../../src/oci/mod.ts";
import { openTestRegistry, type TestRegistry } from "../../src/oci/registry/test-registry.ts";

interface Pair {
  signer: EntrySigner;
  trusted: PublicKey;
}

let keys: Awaited<ReturnType<typeof mkdtempDisposable>>;
let ours: Pair;
let others: Pair;
beforeAll(async () => {
  keys = await mkdtempDisposable(join(tmpdir(), "hadron-cache-keys-"));
  const make = async (name: string): Promise<Pair> => {
    const made = await makeKey(join(keys.path, `${name}.key`), { test: false });
    return { signer: entrySigner(await readSigningKey(made.path)), trusted: await readPublicKey(made.publicPath) };
  };
  ours = await make("ours");
  others = await make("others");
});
afterAll(() => keys.remove());

type Annotations = Record<string, string>;

/** A place for the outputs of two steps, `zlib` and `png`, which somebody else can write to as well, and a store to take them to. */
interface Place extends AsyncDisposable {
  here: TestStore;
  /** Another place that has the same entries, and an empty store. */
  copy(): Promise<Place>;
  send(results: Parameters<typeof exportCache>[1], signer?: EntrySigner): Promise<{ entries: number }>;
  /** Asks as a build does: for the digest, and then for the tree. */
  ask(key: string, trust: EntryTrust, events: Event[]): Promise<{ isKnown: boolean; isTaken: boolean }>;
  /** Asks the same opened cache for several. */
  askAll(keys: readonly string[], trust: EntryTrust, events: Event[]): Promise<void>;
  /** Changes what the entry under a key says of itself, wherever it is said. */
  change(key: string, change: (said: Annotations) => Annotations): Promise<void>;
  annotations(key: string): Promise<Annotations>;
}

const nameOfKey = "io.hadron.step.key";
const nameOfSignature = "io.hadron.step.signature";

/** Where the two steps were built; it is only read. */
let there: TestStore;
let zlib: StepResult;
let png: StepResult;
beforeAll(async () => {
  there = await openTestStore();
  zlib = await there.put("zlib", { "usr/lib/libz.so": "z".repeat(5000) });
  png = await there.put("png", { "usr/lib/libpng.so": "p".repeat(5000) });
});
afterAll(() => there[Symbol.asyncDispose]());

async function askIn(here: TestStore, caches: Awaited<ReturnType<typeof openCaches>>, key: string) {
  const result = key === zlib.key ? zlib : png;
  const known = await caches.look(key, { id: result.step });
  const taken = await caches.take(result, { id: result.step });
  expect(await readdir(join(here.root, "work"))).toEqual([]);
  return { isKnown: known !== undefined, isTaken: taken !== undefined };
}

async function openFolder(like?: string): Promise<Place & { folder: string }> {
  const stack = new AsyncDisposableStack();
  const here = stack.use(await openTestStore());
  const { path: folder } = stack.use(await mkdtempDisposable(join(tmpdir(), "hadron-cache-")));
  if (like !== undefined) cpSync(like, folder, { recursive: true });
  const layout = openLayout(folder);
  const entryOf = async (key: string) =>
    (await layout.readIndex()).manifests.find(({ annotations }) => annotations?.[nameOfKey] === key);
  return {
    here,
    folder,
    copy: () => openFolder(folder),
    send: (results, signer) => exportCache(there.store, results, folder, { emit: silent, signer }),
    ask: async (key, trust, events) => {
      const emit = (event: Event) => void events.push(event);
      return askIn(here, await openCaches([folder], here.store, { emit, trust }), key);
    },
    askAll: async (keys, trust, events) => {
      const emit = (event: Event) => void events.push(event);
      const caches = await openCaches([folder], here.store, { emit, trust });
      for (const key of keys) await caches.look(key, { id: "" });
    },
    change: async (key, change) => {
      const { manifests } = await layout.readIndex();
      const changed = manifests.map(async (descriptor) => {
        if (descriptor.annotations?.[nameOfKey] !== key) return descriptor;
        const annotations = change(descriptor.annotations);
        const manifest = await layout.readJson<Manifest>(descriptor);
        return { ...(await layout.writeJson({ ...manifest, annotations }, descriptor.mediaType)), annotations };
      });
      await layout.writeIndex(await Promise.all(changed));
    },
    annotations: async (key) => (await entryOf(key))?.annotations ?? {},
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function openRegistryPlace(like?: TestRegistry): Promise<Place> {
  const stack = new AsyncDisposableStack();
  const here = stack.use(await openTestStore());
  const server = stack.use(await openTestRegistry({ like }));
  const registry = { environment: { HOME: here.root }, plainHttp: [server.host] };
  const { tag: _, ...reference } = parseReference(`${server.host}/some/cache`);
  const from = `oci://${server.host}/some/cache`;
  const said = (key: string) =>
    JSON.parse(String(server.manifests.get(key)?.bytes ?? "{}")) as { annotations?: Annotations };
  return {
    here,
    copy: () => openRegistryPlace(server),
    send: (results, signer) => exportToRegistry(there.store, results, reference, { ...registry, signer }),
    ask: async (key, trust, events) => {
      const emit = (event: Event) => void events.push(event);
      return askIn(here, await openCaches([from], here.store, { emit, trust, registry }), key);
    },
    askAll: async (keys, trust, events) => {
      const emit = (event: Event) => void events.push(event);
      const caches = await openCaches([from], here.store, { emit, trust, registry });
      for (const key of keys) await caches.look(key, { id: "" });
    },
    change: async (key, change) => {
      const [manifest, found] = [said(key), server.manifests.get(key)];
      const bytes = Buffer.from(JSON.stringify({ ...manifest, annotations: change(manifest.annotations ?? {}) }));
      server.manifests.set(key, { type: found?.type ?? "", bytes });
    },
    annotations: async (key) => said(key).annotations ?? {},
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const refused = { isKnown: false, isTaken: false, warnings: ["CACHE_ENTRY_REFUSED"] };
const taken = { isKnown: true, isTaken: true, warnings: [] };

describe.each([
  ["a folder", () => openFolder()],
  ["a registry", () => openRegistryPlace()],
])("an entry of a cache in %s", (_where, open) => {
  /** Places with both steps, signed by a pair or by nobody. Tests take copies. */
  const filled = new Map<EntrySigner | undefined, Place>();
  beforeAll(async () => {
    for (const signer of [undefined, ours.signer, others.signer]) {
      const place = await open();
      filled.set(signer, place);
      expect(await place.send([zlib, png], signer)).toMatchObject({ entries: 2 });
    }
  });
  afterAll(() => Promise.all([...filled.values()].map((place) => place[Symbol.asyncDispose]())));

  /** Both steps there, signed by the pair or by nobody. */
  async function exported(signer?: EntrySigner) {
    const place = await filled.get(signer)?.copy();
    if (!place) throw new Error("No place was filled by this signer");
    const ask = async (trusted: readonly PublicKey[], key = zlib.key) => {
      const events: Event[] = [];
      const answer = await place.ask(key, entryTrust(trusted), events);
      const warnings = events.flatMap((event) => (event.type === "warning" ? [event] : []));
      return {
        ...{ ...answer, warnings: warnings.map(({ code }) => code) },
        said: warnings.map(({ message }) => message).join(),
      };
    };
    return { ...place, ask };
  }

  it("signed by a trusted key is taken", async () => {
    await using it = await exported(ours.signer);
    expect(await it.ask([others.trusted, ours.trusted])).toMatchObject(taken);
  });

  it("that nobody signed is refused where a key is trusted", async () => {
    await using it = await exported();
    const { said, ...answer } = await it.ask([ours.trusted]);
    expect(answer).toEqual(refused);
    expect(said).toContain("not signed");
    expect(await readdir(join(it.here.root, "objects"))).toEqual([]);
    expect(await it.here.store.recall(zlib.key)).toBeUndefined();
  });

  it("signed by another key is refused, and what to do about it is said once", async () => {
    await using it = await exported(others.signer);
    const { said, ...answer } = await it.ask([ours.trusted]);
    expect(answer).toEqual(refused);
    expect(said).toContain("--cache-trust FILE.pub");
    const events: Event[] = [];
    await it.askAll([zlib.key, png.key], entryTrust([ours.trusted]), events);
    expect(events.map((event) => "message" in event && event.message.includes("--cache-trust"))).toEqual([true, false]);
  });

  it("with the signature of another step's is refused", async () => {
    await using it = await exported(ours.signer);
    const { [nameOfSignature]: foreign = "" } = await it.annotations(png.key);
    await it.change(zlib.key, (said) => ({ ...said, [nameOfSignature]: foreign }));
    expect(await it.ask([ours.trusted])).toMatchObject(refused);
    expect(await it.ask([ours.trusted], png.key)).toMatchObject(taken);
  });

  it("that is another step's, whole and signed, but for the key, is refused", async () => {
    await using it = await exported(ours.signer);
    const planted = await it.annotations(png.key);
    await it.change(zlib.key, () => ({ ...planted, [nameOfKey]: zlib.key }));
    expect(await it.ask([ours.trusted])).toMatchObject(refused);
  });

  it.each([
    ["io.hadron.step.output", () => "1".repeat(64)],
    ["io.hadron.step.name", () => "png"],
    ["io.hadron.step.size", () => "1"],
    ["io.hadron.step.sources", (text: string) => text.replace("debian-repack", "upstream")],
  ])("of which %s was changed is refused", async (name, change) => {
    await using it = await exported(ours.signer);
    await it.change(zlib.key, (said) => ({ ...said, [name]: change(said[name] ?? "") }));
    expect(await it.ask([ours.trusted])).toMatchObject(refused);
  });

  it.each([
    ["is cut short", (text: string) => text.slice(0, text.length >> 1)],
    ["is empty", () => ""],
    ["is no envelope", () => "{}"],
    ["has no signature in it", (text: string) => JSON.stringify({ ...JSON.parse(text), signatures: [] })],
    ["is of another payload type", (text: string) => text.replace("vnd.in-toto", "vnd.other")],
  ])("whose signature %s is refused", async (_what, change) => {
    await using it = await exported(ours.signer);
    await it.change(zlib.key, (said) => ({ ...said, [nameOfSignature]: change(said[nameOfSignature] ?? "") }));
    expect(await it.ask([ours.trusted])).toMatchObject(refused);
  });

  it("is signed when it comes to a cache that had it unsigned, and then left as it is", async () => {
    await using it = await exported();
    expect(await it.send([zlib])).toMatchObject({ entries: 0 });
    expect(await it.send([zlib], ours.signer)).toMatchObject({ entries: 1 });
    expect(await it.ask([ours.trusted])).toMatchObject(taken);
    expect(await it.send([zlib], ours.signer)).toMatchObject({ entries: 0 });
  });

  it("can be signed by several, each by their own word", async () => {
    await using it = await exported(ours.signer);
    // Who took another time for it vouches for the same.
    expect(await it.send([{ ...zlib, seconds: 7 }], others.signer)).toMatchObject({ entries: 1 });
    for (const { signer } of [ours, others]) expect(await it.send([zlib], signer)).toMatchObject({ entries: 0 });
    for (const { trusted } of [ours, others]) expect(await it.ask([trusted])).toMatchObject(taken);
  });

  it("that was planted under the key is replaced by who signs", async () => {
    await using place = await open();
    await place.send([{ ...png, key: zlib.key }], others.signer);
    const ask = (trusted: PublicKey) => place.ask(zlib.key, entryTrust([trusted]), []);
    expect(await ask(others.trusted)).toMatchObject({ isKnown: true });
    expect(await place.send([zlib], ours.signer)).toMatchObject({ entries: 1 });
    expect(await ask(ours.trusted)).toEqual({ isKnown: true, isTaken: true });
    expect(await ask(others.trusted)).toEqual({ isKnown: false, isTaken: false });
  });
});

it("a signed entry whose layer is truncated is refused, and leaves nothing half-made", async () => {
  await using place = await openFolder();
  await place.send([zlib], ours.signer);
  const layout = openLayout(place.folder);
  const [entry] = (await layout.readIndex()).manifests;
  const [layer] = entry ? (await layout.readJson<Manifest>(entry)).layers : [];
  const blob = layout.blobPath(layer?.digest ?? "");
  await writeFile(blob, (await readFile(blob)).subarray(0, 40));
  const events: Event[] = [];
  expect(await place.ask(zlib.key, entryTrust([ours.trusted]), events)).toEqual({
    isKnown: true,
    isTaken: false,
  });
  expect(events).toMatchObject([{ type: "warning", code: "CACHE_ENTRY_REFUSED" }]);
  expect(await readdir(join(place.here.root, "objects"))).toEqual([]);
});

it("the signature of an entry is a DSSE envelope over an in-toto statement of key and output", async () => {
  const { payloadType, payload, signatures } = JSON.parse(await ours.signer.sign(zlib));
  const bytes = Buffer.from(payload, "base64");
  expect(JSON.parse(String(bytes))).toEqual({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "zlib", digest: { "hadron-tree-1": zlib.output } }],
    predicateType: "urn:hadron:step-output:1",
    predicate: { key: zlib.key, size: 5000, sources: zlib.sources },
  });
  expect(JSON.parse(await ours.signer.sign({ ...zlib, engine: "docker" })).payload).toBe(payload);
  const signed = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} ${bytes}`);
  const [{ sig }] = signatures;
  expect(verify("sha256", signed, ours.trusted.pem, Buffer.from(sig, "base64"))).toBe(true);
});
