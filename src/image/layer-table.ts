type LayerTable = readonly { layer: string; components: readonly string[] }[];

/**
 * How the root tree is cut into layers of a container image, lowest first: what changes rarely lies below, and what changes
 * together lies together, so that an update of one component moves one layer. The names are for the image's history. A component
 * that no line names goes to `rest`. At most a dozen: every layer costs a request, and overlayfs has a limit.
 */
export const layerTable: LayerTable = [
  { layer: "libc", components: ["libucontext", "musl"] },
  {
    layer: "libraries",
    components: [
      ...["expat", "json-c", "libarchive", "libcap", "libseccomp", "lz4", "nghttp2", "popt", "tpm2-tss"],
      ...["xz", "zlib", "zstd"],
    ],
  },
  { layer: "openssl", components: ["openssl"] },
  { layer: "tools", components: ["busybox", "dbus", "kmod", "util-linux"] },
  {
    layer: "storage",
    components: ["cryptsetup", "dosfstools", "e2fsprogs", "erofs-utils", "lvm2", "open-iscsi"],
  },
  { layer: "network", components: ["curl", "iproute2", "iptables", "openssh"] },
  { layer: "workloads", components: ["crun", "quickjs-ng"] },
  { layer: "systemd", components: ["systemd"] },
  { layer: "data", components: ["ca-certificates", "tzdata"] },
  { layer: "rest", components: [] },
  { layer: "kernel", components: [] },
  { layer: "os", components: [] },
];

/** Of an image for development: what is large, and changes with a release of the compiler, is below. Without a kernel it is still a dozen. */
export const developmentLayerTable: LayerTable = [
  { layer: "toolchain", components: ["binutils", "gcc", "linux-headers", "make", "pkgconf", "toolchain"] },
  ...layerTable,
];

/** What is left of the table's lines for one component. */
export function layerOf(component: string, table: LayerTable = layerTable): string {
  return table.find(({ components }) => components.includes(component))?.layer ?? "rest";
}

/** Layer → its name in the step's output: numbered, so that their order is that of the names. */
export function layerFile(layer: string, table: LayerTable = layerTable): string {
  const index = table.findIndex((line) => line.layer === layer);
  return `${String(index + 1).padStart(2, "0")}-${layer}`;
}
