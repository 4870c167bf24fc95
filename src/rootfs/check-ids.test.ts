import { spawnSync } from "node:child_process";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const script = `set -euo pipefail\nsource ${join(import.meta.dirname, "check-ids.sh")}\ncheck_ids\necho went on\n`;

const good = {
  "usr/lib/sysusers.d/00-hadron.conf":
    "# Ours.\n\ng root 0 -\ng sshd 74 -\nu root 0:0 -\nu! sshd 74:74 -\nm admin wheel\n",
  "etc/passwd": "root:x:0:0::/root:/bin/sh\nsshd:!*:74:74::/:/usr/bin/nologin\n",
  "etc/group": "root:x:0:\nsshd:!*:74:\n",
};

/** Runs the check as the step of the root tree does, in a tree of these files. */
async function check(
  files: Record<string, string>,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-ids-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
  return spawnSync("bash", ["--norc", "-c", script], { cwd: folder.path, encoding: "utf8" });
}

describe("the build of a root tree", () => {
  it("goes on where every user and group has a number of ours", async () => {
    expect(await check(good)).toMatchObject({ status: 0, stdout: "went on\n", stderr: "" });
  });

  it("ends at users and groups without a number of ours, and names all of them", async () => {
    const files = {
      ...good,
      "etc/passwd": `${good["etc/passwd"]}own:!*:999:999::/:/usr/bin/nologin\n`,
      "etc/group": "root:x:0:\nsshd:!*:75:\nown:!*:999:\n",
    };
    const { status, stdout, stderr } = await check(files);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    const said = stderr.trimEnd().split("\n");
    expect(said.map((line) => /^The \w+ "\w+" has the number \d+/.exec(line)?.[0])).toEqual([
      'The user "own" has the number 999',
      'The group "sshd" has the number 75',
      'The group "own" has the number 999',
    ]);
    for (const line of said) expect(line).toContain("os/usr/lib/sysusers.d/00-hadron.conf");
  });
});
