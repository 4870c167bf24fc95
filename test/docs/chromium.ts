import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bubblewrapArguments, bubblewrapCommand } from "../../src/engine/sandbox/sandbox.ts";
import { type DevTools, devTools } from "./dev-tools.ts";

export interface Browser extends AsyncDisposable {
  tools: DevTools;
}

/** Where the site is inside the sandbox. */
export const siteInside = "/site";

/**
 * Debian's chromium out of the toolbox set `browser`, in a sandbox that has the site, a folder for its own files, and no network. Its
 * own sandbox is off: the pages are ours, and bubblewrap is around it.
 */
export async function startBrowser(trees: { browser: string; sandbox: string }, site: string): Promise<Browser> {
  const scratch = await mkdtemp(join(tmpdir(), "hadron-browser-"));
  const [program, ...prefix] = bubblewrapCommand(trees.sandbox);
  const words = bubblewrapArguments({
    bubblewrap: trees.sandbox,
    root: trees.browser,
    readOnly: [{ host: site, mount: siteInside }],
    writable: [{ host: scratch, mount: "/tmp" }],
    env: { HOME: "/tmp", LC_ALL: "C.UTF-8", PATH: "/usr/bin", TZ: "UTC" },
    command: [
      "/usr/lib/chromium/chromium-headless-shell",
      ..."--no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --user-data-dir=/tmp/profile".split(" "),
      "--remote-debugging-pipe",
    ],
  });
  // With a pipe, it reads commands at descriptor 3 and answers at 4: no port is opened.
  const child = spawn(program, [...prefix, ...words], { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"], env: {} });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const tools = devTools(child);
  return {
    tools,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
