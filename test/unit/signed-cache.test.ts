import { verify } from "node:crypto";
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
import { type EntrySigner, type EntryTrust, exportCache, exportToRegistry, openCaches } from "../../src/engine/mod.ts";
import { openTestStore } from "../../src/engine/store/test-store.ts";
import { type Manifest, openLayout, parseReference } from "../../src/oci/mod.ts";
import { openTestRegistry } from "../../src/oci/registry/test-registry.ts";

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

/** A place for the outputs of two steps, `zlib` and `png`, which somebody else can write to as well. */
interface Place extends AsyncDisposable {
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

type Stores = Awaited<ReturnType<typeof openStores>>;

async function openStores() {
  const stack = new AsyncDisposableStack();
  const there = stack.use(await openTestStore());
  const here = stack.use(await openTestStore());
  const zlib = await there.put("zlib", { "usr/lib/libz.so": "z".repeat(5000) });
  const png = await there.put("png", { "usr/lib/libpng.so": "p".repeat(5000) });
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "hadron-cache-")));
  return { there, here, zlib, png, folder: folder.path, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function askIn({ zlib, png, here }: Stores, caches: Awaited<ReturnType<typeof openCaches>>, key: string) {
  const result = key === zlib.key ? zlib : png;
  const known = await caches.look(key, { id: result.step });
  const taken = await caches.take(result, { id: result.step });
  expect(await readdir(join(here.root, "work"))).toEqual([]);
  return { isKnown: known !== undefined, isTaken: taken !== undefined };
}

async function openFolder(stores: Stores): Promise<Place> {
  const { there, here, folder } = stores;
  const layout = openLayout(folder);
  const entryOf = async (key: string) =>
    (await layout.readIndex()).manifests.find(({ annotations }) => annotations?.[nameOfKey] === key);
  return {
    send: (results, signer) => exportCache(there.store, results, folder, { emit: silent, signer }),
    ask: async (key, trust, events) => {
      const emit = (event: Event) => void events.push(event);
      return askIn(stores, await openCaches([folder], here.store, { emit, trust }), key);
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
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  };
}

async function openRegistryPlace(stores: Stores): Promise<Place> {
  const { there, here } = stores;
  const server = await openTestRegistry();
  const registry = { environment: { HOME: here.root }, plainHttp: [server.host] };
  const { tag: _, ...reference } = parseReference(`${server.host}/some/cache`);
  const from = `oci://${server.host}/some/cache`;
  const said = (key: string) =>
    JSON.parse(String(server.manifests.get(key)?.bytes ?? "{}")) as { annotations?: Annotations };
  return {
    send: (results, signer) => exportToRegistry(there.store, results, reference, { ...registry, signer }),
    ask: async (key, trust, events) => {
      const emit = (event: Event) => void events.push(event);
      return askIn(stores, await openCaches([from], here.store, { emit, trust, registry }), key);
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
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await stores[Symbol.asyncDispose]();
    },
  };
}

const refused = { isKnown: false, isTaken: false, warnings: ["CACHE_ENTRY_REFUSED"] };
const taken = { isKnown: true, isTaken: true, warnings: [] };

describe.each([
  ["a folder", openFolder],
  ["a registry", openRegistryPlace],
])("an entry of a cache in %s", (_where, open) => {
  /** Both steps there, signed by the pair or by nobody. */
  async function exported(signer?: EntrySigner) {
    const stores = await openStores();
    const place = await open(stores);
    const { zlib, png } = stores;
    expect(await place.send([zlib, png], signer)).toMatchObject({ entries: 2 });
    const ask = async (trusted: readonly PublicKey[], key = zlib.key) => {
      const events: Event[] = [];
      const answer = await place.ask(key, entryTrust(trusted), events);
      const warnings = events.flatMap((event) => (event.type === "warning" ? [event] : []));
      return {
        ...{ ...answer, warnings: warnings.map(({ code }) => code) },
        said: warnings.map(({ message }) => message).join(),
      };
    };
    return { ...place, stores, place, zlib, png, ask };
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
    expect(await readdir(join(it.stores.here.root, "objects"))).toEqual([]);
    expect(await it.stores.here.store.recall(it.zlib.key)).toBeUndefined();
  });

  it("signed by another key is refused, and what to do about it is said once", async () => {
    await using it = await exported(others.signer);
    const { said, ...answer } = await it.ask([ours.trusted]);
    expect(answer).toEqual(refused);
    expect(said).toContain("--cache-trust FILE.pub");
    const events: Event[] = [];
    await it.place.askAll([it.zlib.key, it.png.key], entryTrust([ours.trusted]), events);
    expect(events.map((event) => "message" in event && event.message.includes("--cache-trust"))).toEqual([true, false]);
  });

  it("with the signature of another step's is refused", async () => {
    await using it = await exported(ours.signer);
    const { [nameOfSignature]: foreign = "" } = await it.annotations(it.png.key);
    await it.change(it.zlib.key, (said) => ({ ...said, [nameOfSignature]: foreign }));
    expect(await it.ask([ours.trusted])).toMatchObject(refused);
    expect(await it.ask([ours.trusted], it.png.key)).toMatchObject(taken);
  });

  it("that is another step's, whole and signed, but for the key, is refused", async () => {
    await using it = await exported(ours.signer);
    const planted = await it.annotations(it.png.key);
    await it.change(it.zlib.key, () => ({ ...planted, [nameOfKey]: it.zlib.key }));
    expect(await it.ask([ours.trusted])).toMatchObject(refused);
  });

  it.each([
    ["io.hadron.step.output", () => "1".repeat(64)],
    ["io.hadron.step.name", () => "png"],
    ["io.hadron.step.size", () => "1"],
    ["io.hadron.step.sources", (text: string) => text.replace("debian-repack", "upstream")],
  ])("of which %s was changed is refused", async (name, change) => {
    await using it = await exported(ours.signer);
    await it.change(it.zlib.key, (said) => ({ ...said, [name]: change(said[name] ?? "") }));
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
    await it.change(it.zlib.key, (said) => ({ ...said, [nameOfSignature]: change(said[nameOfSignature] ?? "") }));
    expect(await it.ask([ours.trusted])).toMatchObject(refused);
  });

  it("is signed when it comes to a cache that had it unsigned, and then left as it is", async () => {
    await using it = await exported();
    expect(await it.send([it.zlib])).toMatchObject({ entries: 0 });
    expect(await it.send([it.zlib], ours.signer)).toMatchObject({ entries: 1 });
    expect(await it.ask([ours.trusted])).toMatchObject(taken);
    expect(await it.send([it.zlib], ours.signer)).toMatchObject({ entries: 0 });
  });

  it("can be signed by several, each by their own word", async () => {
    await using it = await exported(ours.signer);
    // Who took another time for it vouches for the same.
    expect(await it.send([{ ...it.zlib, seconds: 7 }], others.signer)).toMatchObject({ entries: 1 });
    for (const { signer } of [ours, others]) expect(await it.send([it.zlib], signer)).toMatchObject({ entries: 0 });
    for (const { trusted } of [ours, others]) expect(await it.ask([trusted])).toMatchObject(taken);
  });

  it("that was planted under the key is replaced by who signs", async () => {
    await using stores = await openStores();
    await using place = await open(stores);
    const { zlib, png } = stores;
    await place.send([{ ...png, key: zlib.key }], others.signer);
    const ask = (trusted: PublicKey) => place.ask(zlib.key, entryTrust([trusted]), []);
    expect(await ask(others.trusted)).toMatchObject({ isKnown: true });
    expect(await place.send([zlib], ours.signer)).toMatchObject({ entries: 1 });
    expect(await ask(ours.trusted)).toEqual({ isKnown: true, isTaken: true });
    expect(await ask(others.trusted)).toEqual({ isKnown: false, isTaken: false });
  });
});

it("a signed entry whose layer is truncated is refused, and leaves nothing half-made", async () => {
  await using stores = await openStores();
  const place = await openFolder(stores);
  await place.send([stores.zlib], ours.signer);
  const layout = openLayout(stores.folder);
  const [entry] = (await layout.readIndex()).manifests;
  const [layer] = entry ? (await layout.readJson<Manifest>(entry)).layers : [];
  const blob = layout.blobPath(layer?.digest ?? "");
  await writeFile(blob, (await readFile(blob)).subarray(0, 40));
  const events: Event[] = [];
  expect(await place.ask(stores.zlib.key, entryTrust([ours.trusted]), events)).toEqual({
    isKnown: true,
    isTaken: false,
  });
  expect(events).toMatchObject([{ type: "warning", code: "CACHE_ENTRY_REFUSED" }]);
  expect(await readdir(join(stores.here.root, "objects"))).toEqual([]);
});

it("the signature of an entry is a DSSE envelope over an in-toto statement of key and output", async () => {
  await using stores = await openStores();
  const { zlib } = stores;
  const { payloadType, payload, signatures } = JSON.parse(await ours.signer.sign(zlib));
  const bytes = Buffer.from(payload, "base64");
  expect(JSON.parse(String(bytes))).toEqual({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "zlib", digest: { "hadron-tree-1": zlib.output } }],
    predicateType: "urn:hadron:step-output:1",
    predicate: { key: zlib.key, size: 5000, sources: zlib.sources },
  });
  const signed = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} ${bytes}`);
  const [{ sig }] = signatures;
  expect(verify("sha256", signed, ours.trusted.pem, Buffer.from(sig, "base64"))).toBe(true);
});
