import { elfLinter } from "./elf-rule.ts";

/**
 * The code, not the note by which a kernel would turn the check on: a file may carry that only if all that it is linked with has
 * landing pads, and musl's assembler files have none.
 */
export const landingPads = elfLinter({
  name: "landing-pads",
  what: "Code is compiled for checked indirect branches (IBT)",
  hint: "Drop -fcf-protection=none from its build",
  check: ({ codeSize, hasLandingPads }) =>
    codeSize === 0 || hasLandingPads ? undefined : "Has no ENDBR64 in its code",
});
