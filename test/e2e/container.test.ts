import { chmod, cp, mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import container from "../../images/container.ts";
import { readTree, treeDigest } from "../../src/engine/mod.ts";
import { diskBytes, freshDisk, freshFolder, stepOutput, testedImage } from "./support/artifacts.ts";
import { ask, boot, systemState } from "./support/boot.ts";
import { askContainerJudge, forgetContainers, startDockerd } from "./support/container-judge.ts";
import { hadron, hadronData } from "./support/hadron-command.ts";
import { judge } from "./support/judge.ts";
import { startRegistry } from "./support/registry.ts";
import { staticProgram } from "./support/static-program.ts";

const { version } = testedImage;
const reference = `docker.io/hadron/${testedImage.name}:${version}`;
const minutes = 60_000;

/** The judges' /work: artifacts by `<image>.<kind>`. */
let work: string;

async function make(image: string, kind: string): Promise<void> {
  await hadronData(["image", image, "--as", kind, "--output", join(work, `${image}.${kind}`)]);
}

beforeAll(async () => {
  work = await freshFolder("container");
  for (const kind of ["oci", "oci-archive", "docker-archive"]) await make(testedImage.name, kind);
  await make(container.name, "oci");
}, 60 * minutes);
afterAll(() => forgetContainers(work));

const inLayout = `oci:/work/${testedImage.name}.oci:${version}`;

interface Inspected {
  Architecture: string;
  Os: string;
  Labels: Record<string, string>;
  Layers: string[];
}

describe("skopeo", () => {
  it("reads each kind, and finds the same content in all", async () => {
    const places = [
      inLayout,
      `oci-archive:/work/${testedImage.name}.oci-archive:${version}`,
      `docker-archive:/work/${testedImage.name}.docker-archive`,
    ];
    const contents = [];
    for (const place of places) {
      const image = JSON.parse(await askContainerJudge(work, `skopeo inspect ${place}`)) as Inspected;
      expect(image).toMatchObject({ Architecture: "amd64", Os: "linux" });
      expect(image.Labels).toMatchObject({ "org.opencontainers.image.version": version });
      expect(image.Layers.length).toBeGreaterThan(4);
      expect(image.Layers.length).toBeLessThanOrEqual(12);
      const config = await askContainerJudge(work, `skopeo inspect --config ${place}`);
      contents.push((JSON.parse(config) as { rootfs: unknown }).rootfs);
    }
    expect(contents[1]).toEqual(contents[0]);
    expect(contents[2]).toEqual(contents[0]);
  });
});

it("umoci unpacks just the root tree that the disk has", async () => {
  await askContainerJudge(work, `umoci unpack --image /work/${testedImage.name}.oci:${version} /work/bundle`);
  const unpacked = treeDigest(await readTree(join(work, "bundle/rootfs")));
  expect(unpacked).toBe(treeDigest(await readTree(await stepOutput("root"))));
});

it("podman runs a command in it", async () => {
  const run = "podman run --rm --network=none --ulimit=host";
  const said = await askContainerJudge(
    work,
    `skopeo copy --quiet ${inLayout} containers-storage:${reference}
${run} ${reference} /bin/sh -c '. /etc/os-release; id -u; echo $ID'`,
  );
  expect(said.split("\n")).toEqual(["0", "hadron"]);
});

describe("podman, with a registry", () => {
  const podman = (words: string) => `podman ${words} --quiet --tls-verify=false`;

  it("pulls what hadron pushed, and hadron pulls what it pushed, each with the same content", async () => {
    await using registry = await startRegistry(join(work, "registry"));
    const [ours, theirs] = [`${registry.host}/ours:${version}`, `${registry.host}/theirs:${version}`];
    const plain = ["--plain-http", registry.host];
    await hadronData(["push", `${join(work, `${testedImage.name}.oci`)}:${version}`, ours, ...plain]);
    await askContainerJudge(
      work,
      `${podman("pull")} ${ours}
podman tag ${ours} ${theirs}
${podman("push")} ${theirs}`,
      { network: "host" },
    );
    await hadronData(["pull", theirs, join(work, "theirs"), ...plain]);
    const contentOf = async (place: string) =>
      (JSON.parse(await askContainerJudge(work, `skopeo inspect --config ${place}`)) as { rootfs: unknown }).rootfs;
    expect(await contentOf(`oci:/work/theirs:${version}`)).toEqual(await contentOf(inLayout));
  });
});

it("docker loads the archive and gives a shell in it on a terminal", async () => {
  const said = await askContainerJudge(
    work,
    // At the end of its input, script spins.
    `${startDockerd({ options: ["--storage-driver=vfs"] })}\
docker load -i /work/${testedImage.name}.docker-archive >&2 || { tail -n 40 /work/docker.log; exit 1; }
script -qec "docker run -it --rm --network=none hadron/${testedImage.name}:${version} /bin/sh -c 'test -t 0 && . /etc/os-release && echo terminal of \\$ID'" /dev/null < <(sleep 30 2> /dev/null)`,
  );
  expect(said).toMatch(/terminal of hadron/);
});

describe("an image without a kernel", () => {
  it("has no disk, and says what there is", async () => {
    const words = ["image", container.name, "--as", "disk", "--output", join(work, "none.raw"), "--json"];
    const { status, stdout } = await hadron(words);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string } };
    expect({ status, code: error.code }).toEqual({ status: 2, code: "IMAGE_KIND" });
    expect(error.message).toContain("no kernel");
    expect(error.hint).toContain("oci-archive");
  });

  it("is smaller than one with a kernel's tools", async () => {
    const bytes = async (image: string) => Number(await askContainerJudge(work, `du -sk ${image}.oci | cut -f 1`));
    expect(await bytes(container.name)).toBeLessThan(await bytes(testedImage.name));
  });
});

it(
  "systemd boots in the container image, by systemd-nspawn on the node",
  async () => {
    await askContainerJudge(work, `umoci unpack --image /work/${container.name}.oci:${container.version} /work/small`);
    const image = join(work, "small.erofs");
    const made = await judge("judges", "/usr/bin/mkfs.erofs", [image, join(work, "small/rootfs")]);
    expect(made).toMatchObject({ exitCode: 0 });
    const disk = await freshDisk(join(work, "nspawn.raw"));
    await using vm = await boot("container-nspawn", {
      disks: [
        { path: disk, format: "raw" },
        { path: image, format: "raw", readonly: true, serial: "small" },
      ],
    });
    await ask(
      vm,
      `mkdir -p /run/small /run/said /run/credentials-of
mount -t erofs -o ro /dev/disk/by-id/virtio-small /run/small
cat > /run/credentials-of/unit <<'END'
[Service]
ExecStart=/bin/sh -c 'systemctl is-system-running --wait > /said/state; systemctl --failed --no-legend --plain > /said/failed; cat /proc/1/comm > /said/init; systemctl poweroff'
END
printf '[Unit]\\nWants=judge.service\\n' > /run/credentials-of/wants
systemd-nspawn --quiet --boot --directory=/run/small --volatile=overlay --private-network --register=no --console=pipe \\
  --bind=/run/said:/said --load-credential=systemd.extra-unit.judge.service:/run/credentials-of/unit \\
  --load-credential=systemd.unit-dropin.multi-user.target~50-judge:/run/credentials-of/wants < /dev/null`,
      300,
    );
    expect(await ask(vm, "cat /run/said/init")).toBe("systemd");
    expect(await ask(vm, "cat /run/said/failed")).toBe("");
    expect(await ask(vm, "cat /run/said/state")).toBe("running");
  },
  15 * minutes,
);

describe("a Dockerfile on top of it", () => {
  const dockerfile = `FROM ${reference}
COPY hello /opt/hello/bin/hello
COPY hello.conf /etc/hello.conf
COPY hello.service /usr/lib/systemd/system/hello.service
RUN ["systemctl", "enable", "hello.service"]
`;
  const unit = `[Unit]
Description=Says hello
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/opt/hello/bin/hello
StandardOutput=truncate:/run/hello
[Install]
WantedBy=multi-user.target
`;

  beforeAll(async () => {
    const context = join(work, "context");
    await mkdir(context);
    await writeFile(join(context, "Dockerfile"), dockerfile);
    await writeFile(join(context, "hello"), staticProgram("hello, node\n"));
    await chmod(join(context, "hello"), 0o755);
    await writeFile(join(context, "hello.conf"), "greeting\n");
    await writeFile(join(context, "hello.service"), unit);
    await askContainerJudge(
      work,
      `skopeo copy --quiet ${inLayout} containers-storage:${reference}
buildah build --ulimit=nofile=1024:1024 --ulimit=nproc=1024:1024 --isolation=chroot --network=host --pull=never --format=oci --tag=derived /work/context
skopeo copy --quiet containers-storage:localhost/derived:latest oci-archive:/work/derived.tar:derived`,
    );
  }, 20 * minutes);

  it(
    "goes back into a disk that boots with what was added, and runs the unit",
    async () => {
      const disk = join(work, "derived.raw");
      const words = ["image", testedImage.name, "--from", join(work, "derived.tar"), "--as", "disk", "--output", disk];
      await hadronData(words);
      await truncate(disk, diskBytes);
      await using vm = await boot("container-derived", { disks: [{ path: disk, format: "raw" }] });
      expect(await systemState(vm)).toEqual({ state: "running", failed: "" });
      expect(await ask(vm, "cat /run/hello")).toBe("hello, node");
      expect(await ask(vm, "cat /etc/hello.conf")).toBe("greeting");
      expect(await ask(vm, "/opt/hello/bin/hello")).toBe("hello, node");
      expect(await ask(vm, "findmnt -nro FSTYPE,OPTIONS /")).toMatch(/^erofs ro/);
      expect(await ask(vm, "dmsetup table root")).toContain("verity");
      expect(await ask(vm, "cat /etc/machine-id")).toMatch(/^[0-9a-f]{32}$/);
    },
    15 * minutes,
  );

  it("is refused with what is missing where it has lost systemd", async () => {
    const broken = join(work, "broken");
    await cp(join(work, `${testedImage.name}.oci`), broken, { recursive: true });
    await askContainerJudge(
      work,
      `umoci unpack --image /work/broken:${version} /work/broken-bundle > /dev/null
rm /work/broken-bundle/rootfs/usr/lib/systemd/systemd
umoci repack --image /work/broken:broken /work/broken-bundle > /dev/null`,
    );
    const output = join(work, "broken.raw");
    const from = `${broken}:broken`;
    const { status, stdout } = await hadron(["image", "--from", from, "--as", "disk", "--output", output, "--json"]);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    expect({ status, code: error.code }).toEqual({ status: 3, code: "ROOT_INCOMPLETE" });
    expect(error.message).toContain("/usr/lib/systemd/systemd");
    await rm(broken, { recursive: true });
  });
});
