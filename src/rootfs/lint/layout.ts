import type { Finding, Linter } from "./linter.ts";

const folders = ["boot", "dev", "efi", "etc", "opt", "proc", "run", "sys", "tmp", "usr", "var"];
const links: ReadonlyMap<string, string> = new Map([
  ["bin", "usr/bin"],
  ["home", "var/home"],
  ["lib", "usr/lib"],
  ["mnt", "var/mnt"],
  ["root", "var/roothome"],
  ["sbin", "usr/bin"],
  ["srv", "var/srv"],
]);

export const layout: Linter = {
  name: "layout",
  what: "Everything that the OS is lives in /usr; the top has the usual names only, and /var and the mount points are empty",
  check: (tree) => tree.entries.flatMap((entry) => [...checkTop(entry), ...checkEmpty(entry.path)]),
};

function checkTop({ path, kind, target }: { path: string; kind: string; target: string }): Finding[] {
  if (path.includes("/")) return [];
  const wanted = links.get(path);
  if (wanted !== undefined && kind === "link" && target === wanted) return [];
  if (wanted !== undefined)
    return [{ path, what: `Is not a link to "${wanted}"`, hint: "Install below /usr, and nothing in its place" }];
  if (folders.includes(path) && kind === "folder") return [];
  return [{ path, what: "Does not belong at the top", hint: "Install below /usr" }];
}

function checkEmpty(path: string): Finding[] {
  const [top, ...rest] = path.split("/");
  if (rest.length === 0 || top === "usr" || top === "etc" || !folders.includes(top ?? "")) return [];
  return [
    { path, what: `Is in /${top}, which is empty in an image`, hint: "Let tmpfiles.d create it when the OS starts" },
  ];
}
