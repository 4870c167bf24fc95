import { HadronError } from "../base/mod.ts";

/** Name → content. Names are file names of at most 255 characters; all contents together at most 1 MiB (systemd's limit). */
export type Credentials = Record<string, string | Uint8Array>;

/** How the credentials reach the guest: files to be written, and QEMU arguments that name them. */
export interface EncodedCredentials {
  files: { name: string; content: Uint8Array }[];
  arguments: string[];
}

/** QEMU's FW_CFG_MAX_FILE_PATH is 56 with the final NUL, and `opt/io.systemd.credentials/` takes 27. */
const longestFwCfgName = 55 - "opt/io.systemd.credentials/".length;
/** An SMBIOS 2 table has at most 64 KiB for everything; the firmware's own entries need some of it. */
const smbiosBudget = 48 * 1024;
/** Above this, a credential goes by fw_cfg if its name is short enough for it. */
const largestPreferredForSmbios = 8 * 1024;

/**
 * Small credentials become SMBIOS type 11 strings, large ones fw_cfg files (systemd.system-credentials(7), smbios-type-11(7)).
 * Both are handed to QEMU as files, never as arguments, so that secrets don't show in the list of processes.
 * @param folder The folder of `files` as QEMU sees it.
 * @throws HadronError VM_CREDENTIAL for a name that systemd refuses, or one that is too large for any way.
 */
export function encodeCredentials(credentials: Credentials, folder: string): EncodedCredentials {
  const encoded: EncodedCredentials = { files: [], arguments: [] };
  let smbiosLeft = smbiosBudget;
  for (const name of Object.keys(credentials).sort()) {
    checkName(name);
    const content = Buffer.from(credentials[name] ?? "");
    const line = Buffer.from(`io.systemd.credential.binary:${name}=${content.toString("base64")}`);
    const fitsFwCfg = name.length <= longestFwCfgName;
    const file = `credential-${encoded.files.length}`;
    if (line.length <= (fitsFwCfg ? Math.min(largestPreferredForSmbios, smbiosLeft) : smbiosLeft)) {
      smbiosLeft -= line.length;
      encoded.files.push({ name: file, content: line });
      encoded.arguments.push("-smbios", `type=11,path=${folder}/${file}`);
    } else if (fitsFwCfg) {
      encoded.files.push({ name: file, content });
      encoded.arguments.push("-fw_cfg", `name=opt/io.systemd.credentials/${name},file=${folder}/${file}`);
    } else {
      throw new HadronError(
        `Credential "${name}" of ${content.length} bytes is too large for SMBIOS, and its name too long for fw_cfg`,
        { kind: "usage", code: "VM_CREDENTIAL", hint: `Use a name of at most ${longestFwCfgName} characters` },
      );
    }
  }
  return encoded;
}

/** As credential_name_valid() of systemd: a file name, short enough for a file descriptor's name. */
function checkName(name: string): void {
  if (/^[!-+\-.0-9;-~]{1,255}$/.test(name) && !name.includes("=") && name !== "." && name !== "..") return;
  throw new HadronError(`Credential name "${name}" is not valid`, {
    kind: "usage",
    code: "VM_CREDENTIAL",
    hint: "A name is a file name of printable ASCII without comma, colon or equals sign",
  });
}
