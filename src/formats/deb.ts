import { HadronError } from "../base/mod.ts";
import { type ArMember, readArMembers } from "./ar.ts";

export type DebCompression = "none" | "gz" | "xz" | "zst";

export interface DebPart extends ArMember {
  compression: DebCompression;
}

export interface DebLayout {
  /** The tar archive with the package's fields and scripts. */
  control: DebPart;
  /** The tar archive with the package's files. */
  data: DebPart;
}

/**
 * Finds the two tar archives of a Debian binary package, format 2.x (deb(5)).
 * @throws HadronError of kind `input`: `AR_DAMAGED`, `DEB_INVALID`.
 */
export async function readDebLayout(path: string): Promise<DebLayout> {
  const members = await readArMembers(path);
  if (members[0]?.name !== "debian-binary") throw invalid(path, 'its first member is not "debian-binary"');
  return { control: part(path, members, "control.tar"), data: part(path, members, "data.tar") };
}

function part(path: string, members: readonly ArMember[], base: string): DebPart {
  const member = members.find(({ name }) => name === base || name.startsWith(`${base}.`));
  if (member === undefined) throw invalid(path, `it has no member "${base}"`);
  const suffix = member.name.slice(base.length + 1);
  if (suffix === "") return { ...member, compression: "none" };
  if (suffix === "gz" || suffix === "xz" || suffix === "zst") return { ...member, compression: suffix };
  throw invalid(path, `its member "${member.name}" has an unknown compression`);
}

function invalid(path: string, why: string): HadronError {
  return new HadronError(`Not a Debian package, "${path}": ${why}`, {
    kind: "input",
    code: "DEB_INVALID",
    at: path,
    hint: "Name another mirror with --mirror, or another package in the set",
  });
}
