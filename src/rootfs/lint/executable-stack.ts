import { elfLinter } from "./elf-rule.ts";

export const executableStack = elfLinter({
  name: "executable-stack",
  what: "No program wants an executable stack",
  hint: "Find the assembler file without .note.GNU-stack, or the nested function",
  check: ({ hasExecutableStack }) => (hasExecutableStack ? "Wants an executable stack" : undefined),
});
