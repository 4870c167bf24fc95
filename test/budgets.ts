/** What may not grow without a decision: to raise a limit here is one. `make test` checks each, `make bench` writes down the figures. */
export interface Budget {
  what: string;
  unit: "MB" | "count";
  /** More than this fails a test. */
  limit: number;
  /** What is aimed at, where that is less. */
  reach?: number;
}

/** What can be counted in the outputs of the `cloud` image's steps. MB are 10⁶ bytes. */
export const imageBudgets = {
  usr: { what: "`/usr` of the root tree", unit: "MB", limit: 54, reach: 50 },
  root: { what: "root as erofs", unit: "MB", limit: 27.5, reach: 25 },
  wire: { what: "root over the wire (zstd 19)", unit: "MB", limit: 20.5, reach: 18 },
  uki: { what: "UKI", unit: "MB", limit: 15, reach: 12 },
  release: { what: "a release: root, hash tree, UKI", unit: "MB", limit: 43, reach: 40 },
  executables: { what: "executables in `/usr`", unit: "count", limit: 340 },
  kernelOptions: { what: "kernel options that are on", unit: "count", limit: 2200 },
} as const satisfies Record<string, Budget>;

/** What can be counted in a machine with 1 GiB and 2 CPUs that booted the `cloud` disk and was given nothing to do. */
export const machineBudgets = {
  processes: { what: "processes, those of the kernel not counted", unit: "count", limit: 14 },
  sockets: { what: "sockets that listen, on loopback too, the DHCP client's not counted", unit: "count", limit: 0 },
  memory: { what: "memory in use, 60 s after multi-user", unit: "MB", limit: 80, reach: 40 },
} as const satisfies Record<string, Budget>;

/** The image that others build in; it stays on build machines. */
export const toolchainBudget = {
  what: "the image `toolchain` over the wire (gzip)",
  unit: "MB",
  limit: 75,
} as const satisfies Budget;

/** What is carried to machines that are not to build a compiler. */
export const exportBudgets = {
  toolchain: { what: "the toolchain's export (`hadron cache export --toolchain`)", unit: "MB", limit: 30 },
} as const satisfies Record<string, Budget>;
