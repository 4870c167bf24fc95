import { describe, expect, test } from "vitest";
import type { VmOptions } from "./options.ts";
import { checkVmOptions, planQemu } from "./qemu-arguments.ts";

const tools = { vm: "/toolbox/vm", sandbox: "/toolbox/sandbox" };

/** One option a line, as a person would read the command. */
function lines(options: Partial<VmOptions>): string {
  const { command, bindings, files } = planQemu({ tools, accel: "tcg", ...options });
  return [
    command.join(" ").replaceAll(" -", "\n-"),
    ...bindings.map(({ from, to, readonly }) => `bind ${from} ${to}${readonly ? " read-only" : ""}`),
    ...files.map(({ name, content }) => `file ${name}: ${Buffer.from(content)}`),
    "",
  ].join("\n");
}

const cases: Record<string, Partial<VmOptions>> = {
  default: {},
  "cloud-disk": {
    name: "cloud",
    memory: 2048,
    cpus: 4,
    accel: "kvm",
    disks: [{ path: "/images/cloud.qcow2", format: "qcow2", snapshot: true }],
    network: { sshPort: 2222, forwards: [{ host: 8080, guest: 80 }], isolated: true },
    uuid: "2f0bd1e4-2a07-4b4c-8a0a-6f9a7a4a5a10",
    credentials: { "passwd.hashed-password.root": "", "agetty.autologin": "root" },
    extraCommandLine: "console=ttyS0,115200 systemd.show_status=1",
  },
  "every-bus": {
    disks: [
      { path: "/images/a,b.raw", format: "raw" },
      { path: "/images/b.raw", format: "raw", bus: "scsi", readonly: true },
      { path: "/images/c.raw", format: "raw", bus: "nvme", serial: "root" },
      { path: "/images/d.raw", format: "raw", bus: "usb" },
    ],
    cdrom: "/images/live.iso",
    network: false,
  },
  "physical-machine": {
    disks: [
      { path: "/images/a.raw", format: "raw", bus: "sata" },
      { path: "/images/b.raw", format: "raw" },
      { path: "/images/c.raw", format: "raw", bus: "sata", serial: "second" },
    ],
    network: { device: "e1000e", isolated: true },
    watchdog: true,
  },
  "test-machine": {
    firmware: { secureBoot: true },
    tpm: {},
    noReboot: true,
    onPanic: "continue",
    watchdog: true,
    icount: { shift: "auto" },
    debugExit: true,
    graphics: true,
    folders: ["/shared"],
    qemuArguments: ["-device", "virtio-balloon-pci"],
  },
  "direct-boot": {
    firmware: "bios",
    directBoot: { kernel: "/boot/vmlinuz", initrd: "/tmp/initrd.cpio", commandLine: "console=ttyS0 panic=-1" },
  },
  aarch64: { arch: "aarch64", tpm: {}, graphics: true },
};

describe("the QEMU command line", () => {
  for (const [name, options] of Object.entries(cases)) {
    test(`of ${name}`, async () => {
      await expect(lines(options)).toMatchFileSnapshot(`golden/${name}.txt`);
    });
  }

  test.each<[string, Partial<VmOptions>]>([
    ["no BIOS", { arch: "aarch64", firmware: "bios" }],
    ["no SATA", { arch: "aarch64", disks: [{ path: "/images/a.raw", format: "raw", bus: "sata" }] }],
    ["No Secure Boot", { arch: "aarch64", firmware: { secureBoot: true } }],
    ["no debug exit", { arch: "aarch64", debugExit: true }],
    ["needs the accelerator tcg", { accel: "kvm", icount: { shift: 3 } }],
  ])("refuses what can't be: %s", (message, options) => {
    expect(() => planQemu({ tools, accel: "tcg", ...options })).toThrow(message);
  });

  test("is checked before there is anything to run it with: what is wrong is the command line", () => {
    checkVmOptions({ name: "cloud", memory: 1024, credentials: { "system.hostname": "node1" } });
    expect(() => checkVmOptions({ credentials: { "a:b": "c" } })).toThrow(
      expect.objectContaining({ kind: "usage", code: "VM_CREDENTIAL" }),
    );
  });
});
