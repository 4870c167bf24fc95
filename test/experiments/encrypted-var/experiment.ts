import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { copySparseFile } from "../../../src/formats/mod.ts";
import { stepOutput } from "../../e2e/support/artifacts.ts";
import { ask, boot, isUp, reboot } from "../../e2e/support/boot.ts";
import type { Check, Experiment } from "../experiment.ts";
import { bootOnce, bootRefused, look, powerOff, type Refusal, type Seen } from "./boots.ts";
import { type BuiltDisk, buildDisks } from "./build-disks.ts";
import { encrypted, updated } from "./images.ts";
import { copyPartition, digestOf, hasText, headerOf } from "./partition.ts";
import { isForetold } from "./pcr-digest.ts";

const diskBytes = 2 * 2 ** 30;
/** What the initrd may grow by; it is in every UKI. */
const initrdBytes = 2 ** 20;

/** /var on LUKS2, bound to a TPM by a signed policy of PCR 11: what opens it, and what does not. Seven boots. */
export const experiment: Experiment = async function* (folder) {
  const key = newKey();
  const variants = [
    { name: "first", image: encrypted, key },
    { name: "updated", image: updated, key },
    { name: "foreign", image: encrypted, key: newKey() },
  ];
  const [first, update, foreign] = await buildDisks(variants, folder);
  if (!first || !update || !foreign) throw new Error("Not every disk was built");

  const marker = randomBytes(32).toString("hex");
  const disk = await grown(first.disk, join(folder, "disk.raw"));
  yield* await opened({ folder, disk, marker, first, update });
  yield* await refused({ folder, disk, first, foreign });
  yield* await withoutTpm({ folder, marker, first });
  yield await cost(first);
};

/** Two boots with the TPM that the disk met first, and one of an updated UKI. */
async function opened(of: {
  folder: string;
  disk: string;
  marker: string;
  first: BuiltDisk;
  update: BuiltDisk;
}): Promise<Check[]> {
  const { disk, marker, first, update } = of;
  const options = { disks: [{ path: disk, format: "raw" as const }], tpm: { state: join(of.folder, "tpm") } };
  const [one, two] = await (async (): Promise<[Seen, Seen]> => {
    await using vm = await boot("encrypted-var-first", options);
    await isUp(vm);
    const before = await look(vm);
    await ask(vm, `echo ${marker} > /var/marker && sync`);
    await reboot(vm);
    const after = await look(vm);
    await powerOff(vm);
    return [before, after];
  })();
  const header = await headerOf(disk, "var");
  const isReadable = await hasText(disk, "var", marker);
  await copyPartition(update.disk, disk, "esp");
  const three = await bootOnce("encrypted-var-updated", options);

  const { keyslots, segments, tokens } =
    typeof header === "object" ? header : { keyslots: {}, segments: {}, tokens: {} };
  const [token = {}, ...others] = Object.values(tokens);
  const bound = {
    type: token.type,
    pcrs: token["tpm2-pcrs"],
    signed: token.tpm2_pubkey_pcrs,
    ref: token.tpm2_pubkey_ref,
    slots: Object.keys(keyslots).length,
    others: others.length,
    cipher: Object.values(segments).map(({ encryption }) => encryption),
  };
  const wanted = {
    ...{ type: "systemd-tpm2", pcrs: [], signed: [11], ref: "initrd" },
    ...{ slots: 1, others: 0, cipher: ["aes-xts-plain64"] },
  };
  return [
    {
      what: "The first boot makes /var in LUKS2 and comes up with no failed unit",
      passed: one.state === "running" && one.mounted === "/dev/mapper/var ext4",
      detail: `${one.state}, ${one.mounted} ${one.failed}\n  ${one.warnings.replaceAll("\n", "\n  ")}`,
    },
    {
      what: "On the disk there is one key, for PCR 11 as that key signs it for the initrd",
      passed: JSON.stringify(bound) === JSON.stringify(wanted),
      detail: JSON.stringify(bound),
    },
    {
      what: "Nothing that was written to /var can be read on the disk",
      passed: !isReadable,
      detail: isReadable ? "it was found" : "not found",
    },
    {
      what: "The second boot opens it: same machine id, data kept",
      passed: two.state === "running" && isSame(one, two) && two.marker === marker,
      detail: `${one.machineId} ${two.machineId}, ${two.state}, ${two.mounted}`,
    },
    {
      what: "An updated UKI with another PCR 11 opens it",
      passed: three.state === "running" && isSame(one, three) && three.marker === marker && three.pcr !== one.pcr,
      detail: `${three.state}, ${three.mounted}, PCR 11 ${one.pcr} ${three.pcr}`,
    },
    {
      what: "PCR 11 has the values that the build foretold",
      passed: (await isForetold(one.pcr, first.policies)) && (await isForetold(three.pcr, update.policies)),
      detail: `${one.pcr === two.pcr ? "the same" : "another"} at the second boot`,
    },
  ];
}

/** One boot for each thing that must not open it. None may change the partition. */
async function refused(of: { folder: string; disk: string; first: BuiltDisk; foreign: BuiltDisk }): Promise<Check[]> {
  const { folder, disk, first, foreign } = of;
  const disks = [{ path: disk, format: "raw" as const }];
  const before = await digestOf(disk, "var");
  const check = async (what: string, esp: string, boots: () => Promise<Refusal>): Promise<Check> => {
    await copyPartition(esp, disk, "esp");
    const { end, said } = await boots();
    const isUntouched = (await digestOf(disk, "var")) === before;
    const detail = `${end}, partition ${isUntouched ? "untouched" : "changed"}\n  ${said}`;
    return { what: `${what} does not open it: reboot, /var untouched`, passed: end === "reset" && isUntouched, detail };
  };
  return [
    await check("A UKI that another key signed", foreign.disk, () =>
      bootRefused("encrypted-var-foreign", { disks, tpm: { state: join(folder, "tpm") } }),
    ),
    await check("Another TPM", first.disk, () =>
      bootRefused("encrypted-var-other-tpm", { disks, tpm: { state: join(folder, "other-tpm") } }),
    ),
    await check("A machine without a TPM", first.disk, () => bootRefused("encrypted-var-no-tpm", { disks })),
  ];
}

/** The same disk, first started where there is no TPM. */
async function withoutTpm(of: { folder: string; marker: string; first: BuiltDisk }): Promise<Check[]> {
  const disk = await grown(of.first.disk, join(of.folder, "plain.raw"));
  const seen = await (async (): Promise<Seen> => {
    await using vm = await boot("encrypted-var-plain", { disks: [{ path: disk, format: "raw" }] });
    await ask(vm, `echo ${of.marker} > /var/marker && sync`);
    const found = await look(vm);
    await powerOff(vm);
    return found;
  })();
  const header = await headerOf(disk, "var");
  return [
    {
      what: "Without a TPM at the first boot, /var is made as ever",
      passed: seen.state === "running" && /^\/dev\/vda\d+ ext4$/.test(seen.mounted) && header === "ext4",
      detail: `${seen.state}, ${seen.mounted} ${seen.failed}`,
    },
    {
      what: "There the search finds what was written",
      passed: await hasText(disk, "var", of.marker),
      detail: "so that it would have found it in the other",
    },
  ];
}

async function cost({ initrd, uki }: BuiltDisk): Promise<Check> {
  const size = async (path: string) => (await stat(path)).size;
  const plain = {
    initrd: await size(join(await stepOutput("initrd"), "initrd.cpio.zst")),
    uki: await size(join(await stepOutput("uki"), "cloud.efi")),
  };
  const [withInitrd, withUki] = [await size(initrd), await size(uki)];
  return {
    what: `The initrd grows by at most ${initrdBytes} bytes`,
    passed: withInitrd - plain.initrd <= initrdBytes,
    detail: `initrd ${plain.initrd} → ${withInitrd}, UKI ${plain.uki} → ${withUki}`,
  };
}

function isSame(one: Seen, other: Seen): boolean {
  return one.machineId === other.machineId && /^[0-9a-f]{32}$/.test(other.machineId) && one.mounted === other.mounted;
}

async function grown(from: string, to: string): Promise<string> {
  await copySparseFile(from, to);
  await truncate(to, diskBytes);
  return to;
}

/** What a TPM knows for sure: RSA with 2048 bits. */
function newKey(): KeyObject {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}
