import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Vm } from "../../src/vm/mod.ts";
import { freshDisk, freshFolder } from "./support/artifacts.ts";
import { ask, boot, systemState } from "./support/boot.ts";
import { askContainerJudge, forgetContainers } from "./support/container-judge.ts";
import { serveLayout } from "./support/layout-server.ts";

/** An image of another distribution: its shell and C library, built by Buildah. It runs until it is told to end. */
const makeImage = `mkdir -p context/root/etc context/root/usr/bin context/root/usr/lib64 context/root/usr/lib/x86_64-linux-gnu
cp /usr/bin/dash context/root/usr/bin/sh
cp /usr/bin/cat /usr/bin/sleep context/root/usr/bin/
cp -L /usr/lib/x86_64-linux-gnu/libc.so.6 /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 context/root/usr/lib/x86_64-linux-gnu/
ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 context/root/usr/lib64/
for name in bin lib lib64; do ln -s usr/$name context/root/$name; done
echo Debian > context/root/etc/made-by
cat > context/root/usr/bin/greet <<'END'
trap 'echo stopped; exit 0' TERM
echo "$GREETING from $(cat /etc/made-by)"
while :; do sleep 1; done
END
cat > context/Dockerfile <<'END'
FROM scratch
COPY root/ /
ENV GREETING=hello
CMD ["/bin/sh", "/usr/bin/greet"]
END
buildah build --ulimit=nofile=1024:1024 --ulimit=nproc=1024:1024 --isolation=chroot --network=host --pull=never --format=oci --tag=greeter /work/context
skopeo copy --quiet containers-storage:localhost/greeter:latest oci:/work/greeter.oci:1`;

interface Seen {
  said: string;
  /** The control group and command line of each process below machine.slice. */
  processes: string;
  afterStop: string;
  result: string;
}

let work: string;
let tampered: { status: number; left: string };
let nspawn: Seen;
let crun: Seen;

/** Starts the unit, waits for the container's words, and stops it. */
async function startAndStop(vm: Vm, unit: string): Promise<Seen> {
  const log = `journalctl --no-pager -o cat -u ${unit}`;
  const said = await ask(
    vm,
    `systemctl start ${unit}
for i in $(seq 60); do ${log} > /run/said; ! grep 'hello from' /run/said || exit 0; sleep 1; done
cat /run/said; systemctl status --no-pager ${unit}; exit 1`,
    120,
  );
  const processes = await ask(
    vm,
    `cd /sys/fs/cgroup
find machine.slice -name cgroup.procs | while read file; do
  for process in $(cat $file); do echo "$file $(tr '\\0' ' ' < /proc/$process/cmdline)"; done
done`,
  );
  await ask(vm, `systemctl stop ${unit}`, 90);
  return {
    said,
    processes,
    afterStop: await ask(vm, log),
    result: await ask(vm, `systemctl show -P Result ${unit}`),
  };
}

/** As docs/workloads.md says: a mount unit for the layers of a pulled image. */
const putTogether = (name: string): string => `set -e
cd /var/lib/machines/${name}.mstack
mkdir -p rw/data rw/work /var/lib/containers/${name}/rootfs /run/systemd/system
layers=$(ls -d $PWD/layer@* | sort -t@ -k2 -n -r | tr '\\n' ':')
cat > /run/systemd/system/var-lib-containers-${name}-rootfs.mount <<END
[Mount]
What=overlay
Where=/var/lib/containers/${name}/rootfs
Type=overlay
Options=lowerdir=\${layers%:},upperdir=$PWD/rw/data,workdir=$PWD/rw/work
END
systemctl daemon-reload`;

beforeAll(async () => {
  work = await freshFolder("workloads");
  await askContainerJudge(work, makeImage);
  await using registry = await serveLayout(join(work, "greeter.oci"));
  const disk = await freshDisk(join(work, "disk.raw"));
  await using vm = await boot("workloads", { disks: [{ path: disk, format: "raw" }], network: {} });
  await systemState(vm);
  await ask(
    vm,
    `mkdir -p /etc/systemd/oci-registry
echo '{"defaultProtocol": "http", "overrideRegistry": "10.0.2.2:${registry.port}"}' > /etc/systemd/oci-registry/registry.registry.example.oci-registry`,
  );
  const pull = "importctl --class=machine pull-oci";
  const { status } = await vm.sh(`${pull} registry.example/tampered:1 tampered`, { seconds: 120 });
  tampered = { status, left: await ask(vm, "find /var/lib/machines -mindepth 1") };

  await ask(vm, `${pull} registry.example/greeter:1 greeter`, 120);
  await ask(vm, putTogether("greeter"));
  await ask(vm, "ln -s /var/lib/machines/greeter.nspawn /var/lib/containers/greeter/greeter.nspawn");
  nspawn = await startAndStop(vm, "nspawn-oci@greeter.service");

  await ask(vm, `${pull} registry.example/greeter:1 bundled`, 120);
  await ask(vm, putTogether("bundled"));
  await ask(
    vm,
    `crun spec --bundle=/var/lib/containers/bundled
sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"sh", "\\/usr\\/bin\\/greet"/; s/TERM=xterm/GREETING=hello/' /var/lib/containers/bundled/config.json`,
  );
  crun = await startAndStop(vm, "crun@bundled.service");
}, 1_800_000);
afterAll(() => forgetContainers(work));

describe("an OCI image made elsewhere", () => {
  it("is pulled from a registry by importctl, and refused where a layer was changed on the way", () => {
    expect(tampered.status).not.toBe(0);
    expect(tampered.left).not.toContain("tampered.mstack");
  });

  it.each([
    ["systemd-nspawn", () => nspawn, "nspawn-oci@greeter.service"],
    ["crun", () => crun, "crun@bundled.service"],
  ])(
    "runs as a unit by %s: with its log in the journal, in the unit's control processes, until it is stopped",
    (_, of, unit) => {
      expect(of().said).toContain("hello from Debian");
      expect(of().processes).toMatch(new RegExp(`^machine\\.slice/${unit}/.*/usr/bin/greet`, "m"));
      expect(of().afterStop).toContain("stopped");
      expect(of().result).toBe("success");
    },
  );
});
