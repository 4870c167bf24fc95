/** What is said of a container image, wherever it is written to. */
export interface ImageFacts {
  /** Repository: `hadron/cloud`. */
  name: string;
  version: string;
  title: string;
  summary: string;
  architecture: "amd64" | "arm64";
  /** Seconds since the epoch. */
  created: number;
}

/** OCI image specification 1.1, "config". What we read of it, and all that we write. */
export interface ImageConfig {
  created?: string;
  architecture: string;
  os: string;
  config?: Record<string, unknown>;
  rootfs: { type: "layers"; diff_ids: string[] };
  history?: { created?: string; created_by?: string }[];
}

/** A plain root shell's; the tree has all programs in /usr/bin. */
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The configuration of an image of ours: a shell by default, and systemd's own way to be stopped where it is PID 1. */
export function imageConfig(facts: ImageFacts, layers: readonly { name: string; diffId: string }[]): ImageConfig {
  const created = timeOf(facts);
  return {
    created,
    architecture: facts.architecture,
    os: "linux",
    config: {
      Env: [`PATH=${path}`],
      Cmd: ["/bin/sh"],
      WorkingDir: "/",
      StopSignal: "SIGRTMIN+3",
      Labels: labels(facts),
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ name }) => ({ created, created_by: `hadron: ${name}` })),
  };
}

/** Annotations of the manifest, and labels of the configuration (OCI image specification 1.1, "annotations"). */
export function labels(facts: ImageFacts): Record<string, string> {
  return {
    "org.opencontainers.image.created": timeOf(facts),
    "org.opencontainers.image.description": facts.summary,
    "org.opencontainers.image.title": facts.title,
    "org.opencontainers.image.vendor": "Hadron",
    "org.opencontainers.image.version": facts.version,
  };
}

function timeOf({ created }: ImageFacts): string {
  return new Date(created * 1000).toISOString().replace(".000Z", "Z");
}
