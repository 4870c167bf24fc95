import { expect, test } from "vitest";
import { HadronError } from "../base/mod.ts";
import { type AccelerationProbe, decideAcceleration, rememberedAcceleration } from "./acceleration.ts";
import { vmError } from "./errors.ts";

const limits: number[] = [];

function probe(kvm: () => number, tcg = 0.4): AccelerationProbe {
  return {
    kvmObstacle: async () => undefined,
    async bootSeconds(accel, limit) {
      if (accel === "tcg") return tcg;
      limits.push(limit);
      return kvm();
    },
  };
}

test("KVM is used where it runs the boot sector", async () => {
  expect(await decideAcceleration(probe(() => 0.2))).toEqual({ accel: "kvm", why: "KVM ran a boot sector in 0.2 s" });
});

test("a KVM that opens and yet hangs is not used", async () => {
  const { accel, why } = await decideAcceleration(
    probe(() => {
      throw new HadronError("late", { kind: "vm", code: "VM_TIMEOUT", hint: "Wait longer" });
    }),
  );
  expect(accel).toBe("tcg");
  expect(why).toContain("not done after 1.8 s");
});

test("the limit grows with what emulation takes on a busy machine", async () => {
  await decideAcceleration(probe(() => 5, 4));
  expect(limits.at(-1)).toBe(9);
});

test("QEMU's own words say why KVM failed", async () => {
  const { why } = await decideAcceleration(
    probe(() => {
      throw vmError("VM_START_FAILED", "QEMU ended", { stderr: "first\nfailed to set MSR 0x10a\n" });
    }),
  );
  expect(why).toMatch(/: failed to set MSR 0x10a$/);
});

test("without /dev/kvm nothing is tried", async () => {
  const decided = await decideAcceleration({
    kvmObstacle: async () => "/dev/kvm can't be opened",
    bootSeconds: async () => expect.unreachable(),
  });
  expect(decided).toEqual({ accel: "tcg", why: "/dev/kvm can't be opened" });
});

test("what a trial found is remembered until the machine boots again, and a damaged memory is none", async () => {
  const recall = (text: string) =>
    rememberedAcceleration("/cache", async (path) => (path === "/cache/vm-acceleration.json" ? text : "now\n"));
  const found = { accel: "tcg", why: "KVM failed" };
  expect(await recall(JSON.stringify({ boot: "now", ...found }))).toEqual(found);
  expect(await recall(JSON.stringify({ boot: "before", ...found }))).toBeUndefined();
  for (const text of ["", "null", '{"boot": "now", "accel": "xen"}']) expect(await recall(text)).toBeUndefined();
});
