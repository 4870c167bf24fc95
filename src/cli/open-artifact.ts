import { stat } from "node:fs/promises";
import { HadronError, programName } from "../base/mod.ts";
import { openSubject, type RegistryOptions, type Subject } from "../oci/mod.ts";

/** Whether a word of the command line is a file of this machine. */
export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/**
 * An image in a layout or registry, by a word of the command line that is no file.
 * @throws HadronError `ARTIFACT_UNKNOWN`, and what layouts and registries throw
 */
export async function openArtifact(
  artifact: string,
  access: "pull" | "push",
  options: RegistryOptions,
): Promise<Subject> {
  return openSubject(artifact, access, options).catch((error: unknown) => {
    if (!(error instanceof HadronError) || error.code !== "REFERENCE_INVALID") throw error;
    throw new HadronError(
      `There is no artifact "${artifact}": no file, no image layout, and no reference to a registry`,
      {
        kind: "usage",
        code: "ARTIFACT_UNKNOWN",
        hint: `Name a file that ${programName()} image wrote, a layout's folder, or HOST/NAME:TAG`,
        cause: error,
      },
    );
  });
}
