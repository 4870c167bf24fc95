import type { Finding, Linter } from "./linter.ts";
import type { Tree } from "./tree.ts";

const ours = "usr/lib/sysusers.d/00-hadron.conf";

/** Numbers given by order would change with the components, and with them who owns what in /var. */
export const fixedIds: Linter = {
  name: "fixed-ids",
  what: `Every user and group has the number that ${ours} gives it`,
  check: (tree) => {
    const fixed = readFixed(tree);
    return [...checkFile(tree, "etc/passwd", fixed.users), ...checkFile(tree, "etc/group", fixed.groups)];
  },
};

function readFixed(tree: Tree): { users: Map<string, string>; groups: Map<string, string> } {
  const users = new Map<string, string>();
  const groups = new Map<string, string>();
  const text = tree.resolve(ours)?.kind === "file" ? tree.read(ours).toString() : "";
  for (const line of text.split("\n")) {
    const [type, name, id] = line.trim().split(/\s+/);
    if (!type || !name || !id || type.startsWith("#")) continue;
    if (type.startsWith("u")) users.set(name, id.split(":")[0] ?? "");
    if (type.startsWith("g")) groups.set(name, id);
  }
  return { users, groups };
}

function checkFile(tree: Tree, path: string, fixed: ReadonlyMap<string, string>): Finding[] {
  if (tree.resolve(path)?.kind !== "file")
    return [{ path, what: "Is not there", hint: "The step of the root tree makes it" }];
  return tree
    .read(path)
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(":"))
    .filter(([name = "", , id]) => fixed.get(name) !== id)
    .map(([name, , id]) => ({
      path,
      what: `Gives "${name}" the number ${id}; fixed: ${fixed.get(name ?? "") ?? "none"}`,
      hint: `Add "${name}" to os/${ours}`,
    }));
}
