import type { TypedCommand } from "./typed-commands.ts";

/** What a page shows and `test/e2e/docs.test.ts` does not run. */
export interface NotRun {
  /** The command, or `PAGE#SECTION` for all commands of a section. */
  shown: string;
  why: string;
  /** What tests the same; none where nothing does. */
  tests: readonly string[];
}

const onNode = "typed on a node";
const aVm = "a VM, which runs until it is ended";
const hours = "takes hours";
const needsNetwork = "uses the network, and changes the lock";

export const notRun: readonly NotRun[] = [
  // Virtual machines, and what is typed in them.
  ...["README.md#hadron", "docs/quickstart.md#build-and-boot"].map((shown) => ({
    shown,
    why: `${aVm}, and what is typed in it`,
    tests: ["test/e2e/run.test.ts", "test/e2e/disk.test.ts"],
  })),
  { shown: "docs/overview.md#overview", why: aVm, tests: ["test/e2e/run.test.ts"] },
  { shown: "docs/quickstart.md#keep-the-vms-disk", why: aVm, tests: ["test/e2e/run.test.ts"] },
  { shown: "docs/customising.md#at-run-time", why: aVm, tests: ["test/e2e/run.test.ts"] },
  {
    shown: "./hadron run cloud --boot-chart boot.svg",
    why: "a boot, which that test makes as well",
    tests: ["test/e2e/boot-chart.test.ts"],
  },
  { shown: "docs/extensions.md#put-it-on-a-node", why: onNode, tests: ["test/e2e/extensions.test.ts"] },
  {
    shown: "docs/ssh.md#let-an-admin-in",
    why: `${aVm}, and its client`,
    tests: ["test/e2e/run.test.ts", "test/e2e/ssh.test.ts"],
  },
  { shown: "docs/ssh.md#become-root", why: onNode, tests: ["test/e2e/ssh.test.ts"] },
  ...["pull-an-image", "run-it-by-systemd-nspawn", "run-it-by-crun"].map((section) => ({
    shown: `docs/workloads.md#${section}`,
    why: onNode,
    tests: ["test/e2e/workloads.test.ts"],
  })),
  // At a terminal, by Docker, with a token.
  ...["zlib", "busybox"].map((name) => ({
    shown: `./hadron build ${name} --shell`,
    why: "waits at a terminal",
    tests: ["test/e2e/shell.test.ts"],
  })),
  ...[
    "docker load -i out/cloud.docker.tar",
    "docker run -it --rm hadron/cloud:0.1.0 /bin/sh",
    "docs/container-images.md#build-on-it-and-boot-the-result",
  ].map((shown) => ({ shown, why: "by a Docker engine", tests: ["test/e2e/container.test.ts"] })),
  ...["build", "the-same-bytes"].map((section) => ({
    shown: `docs/docker.md#${section}`,
    why: "by a Docker engine",
    tests: ["test/e2e/docker.test.ts"],
  })),
  ...["on-more-than-one-machine", "in-a-kubernetes-cluster"].map((section) => ({
    shown: `docs/docker.md#${section}`,
    why: "by other machines and a cluster, as the page says: not tested",
    tests: [],
  })),
  {
    shown:
      './hadron sign out/cloud.raw --key "pkcs11:token=release;object=hadron?module-path=/usr/lib/softhsm/libsofthsm2.so"',
    why: "with a token",
    tests: ["test/e2e/signatures.test.ts"],
  },
  // The network, and what belongs to others on this machine.
  {
    shown: "export HADRON_DEBIAN_MIRROR=http://<your Debian mirror>/debian",
    why: "names no mirror",
    tests: ["src/engine/debian-mirror.test.ts"],
  },
  ...["sources", "toolbox"].map((what) => ({
    shown: `./hadron ${what} fetch`,
    why: "may use the network: a stage of `make test`",
    tests: ["test/all.ts"],
  })),
  { shown: "./hadron sources update zlib", why: needsNetwork, tests: ["src/engine/sources/update.test.ts"] },
  {
    shown: "docs/build-system.md#upstreams-signatures",
    why: needsNetwork,
    tests: ["src/engine/sources/update.test.ts", "src/engine/sources/upstream-signature.test.ts"],
  },
  {
    shown: "./hadron build --require-upstream",
    why: "some components exist as repacks only",
    tests: ["src/engine/sources/fetch.test.ts"],
  },
  {
    shown: "docs/quickstart.md#get-the-room-back",
    why: "reads the whole store, and removes what is not the test's",
    tests: ["src/engine/store/maintain.test.ts", "test/e2e/cache-command.test.ts"],
  },
  // Too long for the gate.
  {
    shown: "./hadron image edge --module-key ~/hadron-keys/modules.pem --as disk --output edge.raw",
    why: "compiles a kernel for half an hour",
    tests: ["test/edge/main.ts"],
  },
  {
    shown: "npm run experiments -- encrypted-var",
    why: "an experiment: seven boots",
    tests: ["test/experiments/main.ts"],
  },
  {
    shown: "docs/reproducible.md#a-rebuild-of-your-own",
    why: "digests of all artifacts, which that test makes as well",
    tests: ["test/e2e/reproducible.test.ts"],
  },
  { shown: "docs/reproducible.md#everything-from-nothing", why: hours, tests: ["test/reproducible/main.ts"] },
  { shown: "docs/reproducible.md#a-second-toolbox", why: hours, tests: ["test/ddc/main.ts"] },
];

/** Whether an entry is about a command. */
export function isAbout({ shown }: NotRun, { page, section, text }: TypedCommand): boolean {
  return shown === text || shown === `${page}#${section}`;
}

export function isRun(command: TypedCommand): boolean {
  return !notRun.some((entry) => isAbout(entry, command));
}
