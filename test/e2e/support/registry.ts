import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { cacheRoot } from "../../../src/base/mod.ts";
import { ensureToolboxSet } from "../../../src/engine/mod.ts";
import { judgeCommand } from "./judge.ts";

export interface RealRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  host: string;
  /** Ends the process at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again, with the same port, content and secret. */
  start(): Promise<void>;
}

export interface RegistryFiles {
  /** `htpasswd` with bcrypt. */
  htpasswd?: string;
  certificate?: string;
  key?: string;
}

/** Debian's docker-registry, of the toolbox, on this machine's loopback. What it says is in `<folder>/registry.log`. */
export async function startRegistry(folder: string, files: RegistryFiles = {}): Promise<RealRegistry> {
  await mkdir(folder, { recursive: true });
  const host = `127.0.0.1:${await freePort()}`;
  const config = {
    version: "0.1",
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: join(folder, "content") }, delete: { enabled: true } },
    http: {
      addr: host,
      secret: "one secret for all starts",
      ...(files.certificate ? { tls: { certificate: files.certificate, key: files.key } } : {}),
    },
    ...(files.htpasswd ? { auth: { htpasswd: { realm: "judge", path: files.htpasswd } } } : {}),
  };
  const path = join(folder, "config.yml");
  await writeFile(path, JSON.stringify(config));
  const { path: tree } = await ensureToolboxSet("containers", { cacheRoot: cacheRoot() });
  const [program, ...words] = judgeCommand(tree, "usr/bin/docker-registry", ["serve", path]);
  let stop: (() => Promise<void>) | undefined;
  const start = async (): Promise<void> => {
    await using log = await open(join(folder, "registry.log"), "a");
    const child = spawn(program, words, { env: {}, stdio: ["ignore", log.fd, log.fd] });
    stop = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    };
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    await untilAnswering(`${files.certificate ? "https" : "http"}://${host}`, hasEnded);
  };
  await start();
  return { host, start, kill: async () => stop?.(), [Symbol.asyncDispose]: async () => stop?.() };
}

/** Any answer will do, a refusal too; but not that of another program, which has the port of one that ended for it. */
async function untilAnswering(url: string, hasEnded: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 150; attempt++) {
    if (hasEnded()) throw new Error(`The registry at ${url} ended: see registry.log`);
    const answers = await fetch(`${url}/v2/`).then(
      () => true,
      (error: { cause?: { code?: string } }) =>
        error.cause?.code?.includes("CERT") || /SIGN/.test(error.cause?.code ?? ""),
    );
    await setTimeout(answers ? 50 : 200);
    if (answers && !hasEnded()) return;
  }
  throw new Error(`The registry at ${url} does not answer`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
