/**
 * The toolbox as data: which Debian packages the sets want, and what is added to the unpacked trees because no
 * maintainer script runs. A change of the set `build` gives every step another key.
 */
export interface ToolboxSet {
  /** What the set is for, in one line. */
  summary: string;
  /** Packages asked for; their dependencies are found by `hadron toolbox update` and pinned in the lock. */
  packages: readonly string[];
  /** Symbolic links by path, relative to the tree: what alternatives and maintainer scripts would have made. */
  links: Readonly<Record<string, string>>;
  /** Small files by path, relative to the tree. */
  files: Readonly<Record<string, string>>;
  /** Empty folders: mount points, and what programs expect to exist. */
  directories: readonly string[];
  /** Fetched only by who asks for it by name. */
  onDemand?: true;
}

export const toolboxSuite = "trixie";
export const toolboxArchitecture = "amd64";

/** Paths that are not unpacked, in any set: nothing that runs reads them. */
export const droppedPaths = [
  "usr/share/bug",
  "usr/share/doc",
  "usr/share/doc-base",
  "usr/share/info",
  "usr/share/lintian",
  "usr/share/locale",
  "usr/share/man",
] as const;

/** Merged /usr: packages may still ship paths below the old folders. */
const mergedUsr = { bin: "usr/bin", sbin: "usr/sbin", lib: "usr/lib", lib64: "usr/lib64" };

const accounts = {
  "etc/passwd": [
    "root:x:0:0:root:/root:/bin/bash",
    "builder:x:1000:1000:builder:/build:/bin/bash",
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
    "",
  ].join("\n"),
  "etc/group": "root:x:0:\ntty:x:5:\ndisk:x:6:\nkvm:x:102:\nbuilder:x:1000:\nnogroup:x:65534:\n",
  "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n",
};

const mountPoints = ["dev", "proc", "root", "run", "sys", "tmp", "var/tmp", "build", "out"];

export const toolboxSets: Readonly<Record<string, ToolboxSet>> = {
  build: {
    summary: "the root tree of build steps: compiler, interpreters, build systems",
    packages: [
      // Compiler and what GCC, Linux, systemd and GRUB are built with.
      ..."binutils gcc g++ cpp make cmake meson ninja-build pkgconf gperf bison flex libfl-dev m4 bc".split(" "),
      ..."autoconf autoconf-archive automake libtool libtool-bin gettext autopoint help2man patchelf".split(" "),
      // A second GCC for BPF objects, and what makes C headers of them: systemd's BPF parts.
      ..."gcc-bpf binutils-bpf bpftool".split(" "),
      // Libraries of programs that run during builds: GCC's host side, Linux' objtool and certificates, menuconfig.
      ..."libgmp-dev libmpfr-dev libmpc-dev libisl-dev zlib1g-dev libzstd-dev liblzma-dev libbz2-dev".split(" "),
      ..."libelf-dev libdw-dev libssl-dev libncurses-dev libcap-dev uuid-dev libblkid-dev libcrypt-dev".split(" "),
      ..."libexpat1-dev libffi-dev linux-libc-dev libc6-dev".split(" "),
      // Interpreters.
      ..."perl python3 python3-cryptography python3-pyelftools python3-jinja2 python3-packaging python3-pefile".split(
        " ",
      ),
      ..."python3-setuptools python3-yaml jq".split(" "),
      // Shells and the small tools that every configure script takes for granted.
      ..."bash dash coreutils findutils diffutils sed grep gawk ed file patch xxd time util-linux mount bsdextrautils".split(
        " ",
      ),
      ..."hostname procps debianutils ncurses-bin ncurses-base libc-bin sensible-utils base-files".split(" "),
      // Archives and compression.
      ..."tar cpio rsync gzip bzip2 xz-utils zstd lz4 lzip unzip zip".split(" "),
      // Kernel modules, BTF, signing.
      ..."kmod pahole openssl elfutils".split(" "),
    ],
    links: {
      ...mergedUsr,
      "usr/bin/awk": "gawk",
      "usr/bin/nawk": "gawk",
      "usr/bin/cc": "gcc",
      "usr/bin/c++": "g++",
      "usr/bin/c89": "c89-gcc",
      "usr/bin/c99": "c99-gcc",
      "usr/bin/yacc": "bison.yacc",
      "usr/bin/lex": "flex",
      "usr/bin/aclocal": "aclocal-1.17",
      "usr/bin/automake": "automake-1.17",
      "usr/bin/lzip": "lzip.lzip",
      "usr/bin/lzma": "xz",
      "usr/bin/unlzma": "unxz",
      "usr/bin/python": "python3",
      "usr/bin/which": "which.debianutils",
      "usr/lib/cpp": "../bin/cpp",
      "etc/mtab": "/proc/self/mounts",
      // So that programs of ours, linked against musl, run in a step.
      "usr/lib/ld-musl-x86_64.so.1": "/sysroot/usr/lib/libc.so",
      "usr/lib/ld-musl-aarch64.so.1": "/sysroot/usr/lib/libc.so",
    },
    files: {
      ...accounts,
      "etc/ld-musl-x86_64.path": "/sysroot/usr/lib\n",
      "etc/ld-musl-aarch64.path": "/sysroot/usr/lib\n",
    },
    directories: [...mountPoints, "cross", "needs", "recipe", "sources", "sysroot"],
  },
  sandbox: {
    summary: "bubblewrap, which runs steps",
    packages: ["bubblewrap"],
    links: mergedUsr,
    files: {},
    directories: [],
  },
  emulate: {
    summary: "programs of other architectures on this one: tests of cross-built programs",
    packages: ["qemu-user"],
    links: mergedUsr,
    files: {},
    directories: [],
  },
  vm: {
    summary: "virtual machines, their firmware and TPM, and what tests look at disks with",
    packages: [
      ..."qemu-system-x86 qemu-system-arm qemu-utils ovmf qemu-efi-aarch64 swtpm swtpm-tools".split(" "),
      ..."mtools dosfstools fdisk e2fsprogs xorriso socat".split(" "),
      // What the scripts among these are written for.
      ..."bash dash coreutils sed grep gawk findutils libc-bin".split(" "),
    ],
    links: { ...mergedUsr, "usr/bin/awk": "gawk" },
    files: accounts,
    directories: mountPoints,
  },
  judges: {
    summary: "second opinions: other people's tools that check what ours wrote",
    packages:
      "cryptsetup-bin sbsigntool erofs-utils binutils fdisk dosfstools cpio tar openssh-client bash dash coreutils libc-bin".split(
        " ",
      ),
    links: mergedUsr,
    files: accounts,
    directories: mountPoints,
  },
  containers: {
    summary:
      "second opinions on container images: engines and tools of others, run as root with the tree as their root",
    packages: [
      ..."podman buildah skopeo umoci crun runc conmon netavark".split(" "),
      ..."docker.io docker-cli docker-buildx containerd iptables nftables ca-certificates".split(" "),
      ..."docker-registry oras".split(" "),
      ..."bash dash coreutils sed grep gawk findutils tar gzip zstd procps util-linux bsdutils mount kmod libc-bin".split(
        " ",
      ),
    ],
    links: { ...mergedUsr, "usr/bin/awk": "gawk", "etc/mtab": "/proc/self/mounts", "var/run": "/run" },
    files: {
      ...accounts,
      "etc/subuid": "root:100000:65536\n",
      "etc/subgid": "root:100000:65536\n",
      "etc/resolv.conf": "",
      "etc/hostname": "judge\n",
      // No policy, no registry, no overlayfs, no cgroups, no network: nothing that depends on the machine.
      "etc/containers/policy.json": '{ "default": [{ "type": "insecureAcceptAnything" }] }\n',
      "etc/containers/registries.conf": 'unqualified-search-registries = ["localhost"]\n',
      "etc/containers/storage.conf":
        '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n',
      "etc/containers/containers.conf": [
        "[containers]",
        'cgroups = "disabled"',
        'cgroupns = "host"',
        'netns = "none"',
        'ipcns = "host"',
        'log_driver = "k8s-file"',
        "default_sysctls = []",
        "[engine]",
        'cgroup_manager = "cgroupfs"',
        'events_logger = "file"',
        'runtime = "crun"',
        "",
      ].join("\n"),
    },
    directories: [...mountPoints, "work", "var/lib/containers", "var/lib/docker", "var/lib/containerd", "etc/docker"],
  },
  signing: {
    summary: "keys in hardware and tokens (PKCS#11), and second opinions on signatures: cosign, SoftHSM",
    packages: "opensc libsofthsm2 cosign libc-bin".split(" "),
    links: mergedUsr,
    files: {},
    directories: [],
  },
  browser: {
    summary: "a browser without a window, which checks the pages of `make docs`",
    packages: "chromium-headless-shell fonts-dejavu-core libc-bin".split(" "),
    links: mergedUsr,
    files: accounts,
    directories: [...mountPoints, "site"],
    onDemand: true,
  },
};
