import type { BuildContext, Recipe } from "../../../src/recipe/mod.ts";
import { recipe, unpack } from "../../../src/recipe/mod.ts";
import { checkKspp } from "../kspp.ts";
import { makeVariables } from "../make.ts";

export interface Configured {
  configuration: ConfigurationName;
  /** Name in the source lock: the long-term series by default, or the newest stable one. */
  source?: "linux" | "linux-stable";
  /** Type information for BPF, with the tracing that needs it. pahole of the toolbox writes these bytes of the image. */
  btf?: boolean;
}

export type ConfigurationName = "cloud" | "edge";

interface Configuration {
  /** Folders of fragments beside this file; a later one's lines replace an earlier one's. */
  folders: string[];
  /** Bytes of the compressed x86_64 image that no change should pass unnoticed. */
  maximumSize: number;
  /** It has modules, which somebody has to sign once the kernel is compiled. */
  hasModules?: true;
}

export const configurations: Record<ConfigurationName, Configuration> = {
  cloud: { folders: ["cloud"], maximumSize: 9_000_000 },
  edge: { folders: ["cloud", "edge"], maximumSize: 12_000_000, hasModules: true },
};

/** `6.12.107` → `6.12`: the folder of fragments that only this series understands. */
const seriesOf = (version: string): string => version.split(".").slice(0, 2).join(".");

const made = new Map<string, Recipe>();

/**
 * The step that merges the fragments, lets Kconfig complete them, and fails if one line of them did not take. Its output is
 * the file `config`. One recipe for each combination, however often it is asked for.
 */
export function kernelConfiguration({ configuration, source = "linux", btf = false }: Configured): Recipe {
  const name = `${source}-${configuration}${btf ? "-btf" : ""}-config`;
  const folders = [
    ...configurations[configuration].folders,
    ...(btf ? ["btf", ...(configurations[configuration].hasModules ? ["btf/modules"] : [])] : []),
  ];
  const found = made.get(name);
  if (found) return found;
  const step = recipe({
    name,
    summary: `The kernel's configuration "${configuration}"${btf ? " with type information" : ""}, for ${source}`,
    sources: [source],
    build: (context) => build(context, { source, folders, btf }),
    test: ({ target, version }) => `cd /sysroot
${checkKspp({ arch: target.arch, series: seriesOf(version), configuration })}
echo "${version}, ${configuration}: $(grep -c '=y$' config) options built in, $(grep -c '=m$' config || true) modules"
`,
  });
  made.set(name, step);
  return step;
}

const build = (
  { version }: BuildContext,
  { source, folders, btf }: { source: string; folders: string[]; btf: boolean },
): string => `${unpack(source)}
${makeVariables({ btf })}
cd /recipe
fragments=()
for folder in ${folders.join(" ")}; do
  for part in $folder $folder/${seriesOf(version)} $folder/$ARCH $folder/$ARCH/${seriesOf(version)}; do
    for fragment in $part/*.config; do [ ! -f $fragment ] || fragments+=($fragment); done
  done
done
bash merge-config.sh "\${fragments[@]}" > /build/merged.config
make -C /build/src "\${variables[@]}" KCONFIG_ALLCONFIG=/build/merged.config allnoconfig
bash check-config.sh /build/src/.config /build/src "\${fragments[@]}" 2>&1 | sed 's|^error: |error: recipes/linux/configuration/|'
install -D -m 644 /build/src/.config /out/config
`;
