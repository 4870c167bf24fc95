import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cacheRoot, projectRoot } from "../../../src/base/mod.ts";
import { ensureToolboxSet } from "../../../src/engine/mod.ts";
import type { Page } from "../../docs/pages.ts";
import { shownFiles } from "../../docs/typed-commands.ts";
import { copyCheckout } from "./copy-checkout.ts";
import { type CommandResult, startCommand } from "./hadron-command.ts";
import { judgeCommand } from "./judge.ts";
import { startRegistry } from "./registry.ts";
import { typed } from "./terminal.ts";

/** What pages call that this machine may not have: of which set of the toolbox it is. */
const toolboxPrograms = { cosign: "signing", jq: "build", openssl: "build" } as const;

/** A folder in which the commands of one page are run, one after the other. */
export interface PagePlace extends AsyncDisposable {
  run(command: string): Promise<CommandResult>;
}

/** Where a page's reader is: beside `./hadron`, with the files that the page shows, and with a home and a registry of its own. */
export async function openPagePlace({ changesCheckout, given = {} }: Page, markdown: string): Promise<PagePlace> {
  const folder = await mkdtemp(join(tmpdir(), "hadron-docs-"));
  const [place, home, programs] = [join(folder, "place"), join(folder, "home"), join(folder, "programs")];
  for (const path of [place, home, programs]) await mkdir(path);
  if (changesCheckout) {
    copyCheckout(place);
    await symlink(join(projectRoot, "node_modules"), join(place, "node_modules"));
  } else await symlink(join(projectRoot, "hadron"), join(place, "hadron"));
  for (const [path, content] of [...Object.entries(given), ...shownFiles(markdown)]) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), content);
  }
  for (const [name, set] of Object.entries(toolboxPrograms)) {
    const { path } = await ensureToolboxSet(set, { cacheRoot: cacheRoot() });
    const words = judgeCommand(path, `usr/bin/${name}`, []).map(typed).join(" ");
    await writeFile(join(programs, name), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  }
  const registry = await startRegistry(join(folder, "registry"));

  /** What words of the pages stand for here. */
  const meanings = { "registry.example/": `${registry.host}/`, "127.0.0.1:5000": registry.host, "~/": `${home}/` };
  const env = {
    PATH: `${programs}:${process.env.PATH}`,
    DOCKER_CONFIG: home,
    HADRON_PLAIN_HTTP: registry.host,
  };
  return {
    run: (command) => {
      const text = Object.entries(meanings).reduce((left, [word, meaning]) => left.replaceAll(word, meaning), command);
      return startCommand(["/bin/bash", "--norc", "-euo", "pipefail", "-c", text], { checkout: place, env }).ended;
    },
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
