import { readFile } from "node:fs/promises";
import { HadronError } from "../base/mod.ts";
import type { RegistryOptions } from "../oci/mod.ts";
import type { Context } from "./command.ts";

/** What the command line says about registries. */
export interface RegistryInput {
  plainHttp: string[];
  ca: string | undefined;
}

/** @throws HadronError `CA_INVALID` */
export async function registryOptions(
  { plainHttp, ca }: RegistryInput,
  { environment, emit, signal }: Pick<Context, "environment" | "emit" | "signal">,
): Promise<RegistryOptions> {
  return { environment, emit, signal, plainHttp, ca: ca === undefined ? undefined : await readCertificates(ca) };
}

async function readCertificates(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw invalid(path, "it can't be read", "Name a file that is there and that this user may read", cause);
  });
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  const toConvert = `If it is one in DER form: openssl x509 -inform der -in ${path} -out ${path}.pem`;
  throw invalid(path, "it holds no certificate in PEM form", toConvert);
}

function invalid(path: string, why: string, hint: string, cause?: unknown): HadronError {
  return new HadronError(`Could not take certificates from "${path}": ${why}`, {
    kind: "input",
    code: "CA_INVALID",
    at: path,
    hint,
    cause,
  });
}
