import { zstdDecompressSync } from "node:zlib";
import { parseElf } from "./elf.ts";
import type { Finding, Linter } from "./linter.ts";

const moduleFolder = /^(usr\/lib\/modules\/[^/]+)\/kernel\//;
/** include/linux/module_signature.h */
const mark = "~Module signature appended~\n";
/** What kmod reads, by folder of a kernel's release. */
const indexes = ["modules.alias.bin", "modules.dep.bin", "modules.order"];

/** Other linters see packed bytes only. What a signature is worth is not looked at: the kernel says that. */
export const kernelModules: Linter = {
  name: "kernel-modules",
  what: "Every kernel module is packed, signed, of our compiler and without what is for debuggers, and there are indexes of them",
  check: (tree) => {
    const modules = tree.entries.filter(({ path, kind }) => kind === "file" && moduleFolder.test(path));
    const folders = new Set(modules.map(({ path }) => moduleFolder.exec(path)?.[1] ?? ""));
    const missing = [...folders].flatMap((folder) =>
      indexes.map((name) => `${folder}/${name}`).filter((path) => tree.resolve(path)?.kind !== "file"),
    );
    return [
      ...missing.map(
        (path): Finding => ({ path, what: "Is not there", hint: "depmod makes it: see recipes/linux/signed" }),
      ),
      ...modules.flatMap(({ path }): Finding[] => {
        const wrong = faultOf(path, () => tree.read(path));
        return wrong === undefined ? [] : [{ path, what: wrong, hint: "See recipes/linux/signed" }];
      }),
    ];
  },
};

function faultOf(path: string, read: () => Buffer): string | undefined {
  if (!path.endsWith(".ko.zst")) return "Is no packed module";
  let module: Buffer;
  try {
    module = zstdDecompressSync(read());
  } catch {
    return "Can't be unpacked";
  }
  const elf = parseElf(module);
  if (!elf) return "Holds no program code";
  if (module.subarray(-mark.length).toString("latin1") !== mark) return "Has no signature";
  if (elf.strippable.some((section) => section.startsWith(".debug_"))) return "Carries what is for debuggers";
  if (elf.comments.some((comment) => !comment.startsWith("GCC: (Hadron) "))) return "Was compiled by another compiler";
  return undefined;
}
