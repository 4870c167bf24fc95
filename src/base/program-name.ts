/**
 * What a hint calls this program, so that its commands can be typed as they stand: the launcher tells how it was called itself,
 * such as `./hadron` in a checkout.
 */
export function programName(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.HADRON_PROGRAM || "hadron";
}
