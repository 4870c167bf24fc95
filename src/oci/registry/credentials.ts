import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { HadronError, isSystemError, messageOf, runProcess } from "../../base/mod.ts";

/** Who asks a registry. Never part of a message or an event. */
export type Credentials = { user: string; password: string } | { identityToken: string };

const text = z.string().max(64 << 10);
const dockerConfig = z.object({
  auths: z.record(z.string(), z.object({ auth: text.optional(), identitytoken: text.optional() })).optional(),
  credsStore: text.optional(),
  credHelpers: z.record(z.string(), text).optional(),
});
const helperAnswer = z.object({ Username: text, Secret: text });

/**
 * What `docker login` left for a registry: in `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`, or with the credential
 * helper that it names.
 * @param name {@link credentialName}
 * @returns undefined where nothing is known, so that the registry is asked by nobody in particular
 * @throws HadronError `CREDENTIALS_INVALID`, `CREDENTIAL_HELPER_FAILED`
 */
export async function findCredentials(name: string, environment: NodeJS.ProcessEnv): Promise<Credentials | undefined> {
  const folder = environment.DOCKER_CONFIG || join(environment.HOME || homedir(), ".docker");
  const file = join(folder, "config.json");
  const config = await readConfig(file);
  if (config === undefined) return undefined;
  const helper = config.credHelpers?.[name] ?? config.credsStore;
  const known = helper ? await askHelper(helper, name, environment, file) : undefined;
  if (known) return known;
  const entries = Object.entries(config.auths ?? {});
  const entry = entries.find(([key]) => key === name) ?? entries.find(([key]) => hostOf(key) === hostOf(name));
  if (entry?.[1].identitytoken) return { identityToken: entry[1].identitytoken };
  if (!entry?.[1].auth) return undefined;
  const decoded = Buffer.from(entry[1].auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1) throw invalid(file, `what it keeps for "${name}" is no user and password`);
  return { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** Older versions of Docker wrote `https://host/v1/`. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

async function readConfig(file: string): Promise<z.infer<typeof dockerConfig> | undefined> {
  try {
    const parsed = dockerConfig.safeParse(JSON.parse(await readFile(file, "utf8")));
    if (parsed.success) return parsed.data;
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalid(file, "it is not what Docker writes");
}

function invalid(file: string, why: string): HadronError {
  return new HadronError(`Could not read Docker's configuration: ${why}`, {
    kind: "input",
    code: "CREDENTIALS_INVALID",
    at: file,
    hint: "Mend or remove the file, and log in again with docker login",
  });
}

/** docker-credential-helpers: the registry's name on stdin, JSON on stdout. */
async function askHelper(
  helper: string,
  name: string,
  environment: NodeJS.ProcessEnv,
  file: string,
): Promise<Credentials | undefined> {
  if (!/^[\w.-]+$/.test(helper)) throw invalid(file, `"${helper.slice(0, 80)}" is no name of a credential helper`);
  const program = `docker-credential-${helper}`;
  const env = Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const result = await runProcess(program, ["get"], { env, input: name }).catch((error: unknown) => {
    throw helperFailure(program, file, messageOf(error));
  });
  if (result.exitCode !== 0) {
    if (/credentials not found/i.test(result.stdout + result.stderr)) return undefined;
    throw helperFailure(program, file, `it ended with status ${result.exitCode}`);
  }
  const answer = helperAnswer.safeParse(parsed(result.stdout));
  if (!answer.success) throw helperFailure(program, file, "its answer is not what helpers give");
  const { Username: user, Secret: password } = answer.data;
  return user === "<token>" ? { identityToken: password } : { user, password };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function helperFailure(program: string, file: string, why: string): HadronError {
  return new HadronError(`Could not ask "${program}" for credentials: ${why}`, {
    kind: "host",
    code: "CREDENTIAL_HELPER_FAILED",
    at: file,
    hint: "Install or mend the helper, or remove it from Docker's configuration",
  });
}
