import { join } from "node:path";

/**
 * Ubuntu ≥ 23.10 lets a program make user namespaces with capabilities only where its AppArmor profile says `userns`
 * (kernel.apparmor_restrict_unprivileged_userns). A profile for Hadron's toolbox alone is the narrow remedy.
 */

/** Where the profile belongs. */
export const profilePath = "/etc/apparmor.d/hadron-bwrap";

/**
 * The profile. It names the toolbox by pattern, since a new toolbox has a new folder; and in it the dynamic loader, which is
 * what the kernel executes where bubblewrap is started by way of it. AppArmor sees paths with links resolved.
 */
export function apparmorProfile(cacheRoot: string): string {
  return `abi <abi/4.0>,
include <tunables/global>
profile hadron-bwrap "${join(cacheRoot, "toolbox/*/usr/lib{64,/x86_64-linux-gnu}/ld-linux-x86-64.so.2")}" flags=(unconfined) {
  userns,
}
`;
}

/** One command that writes the profile and loads it. */
export function apparmorMend(cacheRoot: string): string {
  const lines = apparmorProfile(cacheRoot).trimEnd().split("\n");
  const words = lines.map((line) => `'${line.trim()}'`).join(" ");
  return `printf '%s\\n' ${words} | sudo tee ${profilePath} && sudo apparmor_parser -r ${profilePath}`;
}
