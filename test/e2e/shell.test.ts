import { expect, it } from "vitest";
import { startHadron } from "./support/hadron-command.ts";

it("hadron build --shell opens a shell in the component's sandbox, with its inputs in place and no network", async () => {
  const script = [
    "echo source $(ls /sources)",
    "echo compiler $(type -p $TRIPLE-gcc)",
    "echo network $(ls /sys/class/net 2>/dev/null | grep -v '^lo$' | wc -l)",
    "touch /usr/left-behind 2>/dev/null || echo read-only",
    "exit 3",
  ];
  const shell = startHadron(["build", "zlib", "--shell", "--offline"]);
  shell.write(`${script.join("\n")}\n`);
  const { status, stdout } = await shell.ended;
  expect(stdout).toContain("source zlib\n");
  expect(stdout).toContain("compiler /cross/bin/x86_64-hadron-linux-musl-gcc\n");
  expect(stdout).toContain("network 0\n");
  expect(stdout).toContain("read-only\n");
  expect(status).toBe(3);
});
