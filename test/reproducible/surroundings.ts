import { join } from "node:path";
import { projectRoot } from "../../src/base/mod.ts";
import { bubblewrapCommand } from "../../src/engine/sandbox/sandbox.ts";

/** What the process of a rebuild sees otherwise than the first build's did; nothing else is inherited. */
export const surroundings = {
  user: 1234,
  hostName: "elsewhere",
  umask: 0o077,
  environment: {
    HOME: "/nonexistent",
    LANG: "tr_TR.UTF-8",
    LC_ALL: "tr_TR.UTF-8",
    TZ: "Asia/Kathmandu",
    PATH: "/usr/local/bin:/usr/bin:/bin",
  },
};

/** What of it a process sees, and where it found the checkout: told, so that a test can say that it was so. */
export interface Facts {
  user: number | undefined;
  hostName: string;
  umask: number;
  timeZone: string | undefined;
  locale: string | undefined;
  checkout: string;
}

/**
 * The command that runs a script of this checkout in those surroundings: as another user, on a machine of another name, with the checkout
 * at another place.
 * @param script Relative to the checkout
 * @param place An empty folder, where the checkout is seen
 */
export function commandElsewhere(
  script: string,
  { place, bubblewrap }: { place: string; bubblewrap: string },
): [string, ...string[]] {
  const user = String(surroundings.user);
  return [
    ...bubblewrapCommand(bubblewrap),
    ...["--unshare-user", "--uid", user, "--gid", user, "--unshare-uts", "--hostname", surroundings.hostName],
    ...["--die-with-parent", "--dev-bind", "/", "/", "--bind", projectRoot, place, "--chdir", place, "--clearenv"],
    ...Object.entries(surroundings.environment).flatMap(([name, value]) => ["--setenv", name, value]),
    "--",
    join(place, "node_modules/node/bin/node"),
    "--disable-warning=ExperimentalWarning",
    join(place, script),
  ];
}
