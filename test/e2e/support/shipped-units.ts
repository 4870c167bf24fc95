import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runOfOs } from "./judge.ts";
import { type Exposure, templateOf } from "./units.ts";

const login = "a login: it does what whoever logs in wants";
const container = "a container: what confines it is the container's own configuration";

/** Services that go on until somebody stops them, and are not judged all the same. */
export const notJudged: Readonly<Record<string, string>> = {
  "console-getty.service": login,
  "container-getty@.service": login,
  "crun@.service": container,
  "getty@.service": login,
  "nspawn-oci@.service": container,
  "rescue.service": login,
  "serial-getty@.service": login,
  "systemd-nspawn@.service": container,
  "systemd-sysupdate-update.service": "not one of them: it ends with the update, though it doesn't say so by its type",
  "user@.service": login,
};

const unitFolder = "usr/lib/systemd/system";

/**
 * Services in a root tree that go on until somebody stops them, started or not. Left out are those that say that they end
 * (`Type=oneshot`, or nothing to start), and those that serve one connection and end with it (`Accept=yes`).
 */
export async function longRunningServices(root: string): Promise<string[]> {
  const folder = join(root, unitFolder);
  const units = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const names = (suffix: string) => units.map(({ name }) => name).filter((name) => name.endsWith(suffix));
  const perConnection = new Set<string>();
  for (const socket of names(".socket"))
    if ((await lastSettings(folder, socket)).get("Accept") === "yes")
      perConnection.add(socket.replace(".socket", "@.service"));
  const found: string[] = [];
  for (const service of names(".service").sort()) {
    const settings = await lastSettings(folder, service);
    const ends = settings.get("Type") === "oneshot" || !settings.has("ExecStart");
    if (!ends && !perConnection.has(service)) found.push(service);
  }
  return found;
}

/** Setting → what is said of it last, in a unit and its drop-ins. */
async function lastSettings(folder: string, unit: string): Promise<Map<string, string>> {
  const dropIns = await readdir(join(folder, `${unit}.d`)).catch(() => []);
  const files = [unit, ...dropIns.sort().map((name) => `${unit}.d/${name}`)];
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return new Map([...texts.join("\n").matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

/**
 * How much each long-running service of a root tree is exposed, but those that are not judged: by its own systemd-analyze, of the
 * unit files alone. NaN where that says nothing.
 */
export async function exposureOfShipped(root: string): Promise<Exposure[]> {
  const units = (await longRunningServices(root)).filter((unit) => notJudged[unit] === undefined);
  const words = ["security", "--offline=true", `--root=${root}`, "--no-pager", ...units];
  const { stdout } = await runOfOs(root, "usr/bin/systemd-analyze", words);
  const said = [...stdout.matchAll(/Overall exposure level for (\S+): ([\d.]+) /g)];
  const figures = new Map(said.map(([, unit = "", figure]) => [templateOf(unit), Number(figure)]));
  return units.map((unit) => ({ unit, exposure: figures.get(unit) ?? Number.NaN }));
}
