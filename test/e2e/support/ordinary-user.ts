import { cacheRoot } from "../../../src/base/mod.ts";
import { ensureToolboxSet } from "../../../src/engine/mod.ts";
import { bubblewrapCommand } from "../../../src/engine/sandbox/sandbox.ts";

/**
 * Words before a command that make it one of a user whom this machine doesn't know, with no capability, and no way to get one: in a user
 * namespace in which everything of this user, who may be root, is that user's, as a home folder with checkout and cache would be.
 */
export async function asOrdinaryUser(): Promise<[string, ...string[]]> {
  const { path } = await ensureToolboxSet("sandbox", { cacheRoot: cacheRoot() });
  const user = ["--unshare-user", "--uid", "1234", "--gid", "1234", "--cap-drop", "ALL"];
  return [...bubblewrapCommand(path), ...user, "--die-with-parent", "--dev-bind", "/", "/", "--"];
}
