import { elfLinter } from "./elf-rule.ts";

/** Smaller code may well have nothing to protect. */
const leastCode = 65_536;

export const stackProtector = elfLinter({
  name: "stack-protector",
  what: "Programs notice an overwritten stack",
  hint: "Drop -fno-stack-protector from its build",
  check: ({ codeSize, hasStackProtector }) =>
    codeSize < leastCode || hasStackProtector ? undefined : `Has ${codeSize} bytes of code and no stack protector`,
});
