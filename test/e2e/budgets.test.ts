import { statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type ImageTrees, imageFigures } from "../bench/image-figures.ts";
import { type MachineFigures, machineFigures } from "../bench/machine-figures.ts";
import { imageBudgets, machineBudgets } from "../budgets.ts";
import { artifact, stepOutput, testedImage } from "./support/artifacts.ts";
import { boot } from "./support/boot.ts";
import { hadronData } from "./support/hadron-command.ts";

/** What grew beyond its limit says so by name; test/budgets.ts is where to decide that it may. */
describe("budgets", () => {
  let trees: ImageTrees;
  let machine: Promise<MachineFigures>;

  beforeAll(async () => {
    const parts = { root: await stepOutput("root"), verity: await stepOutput("verity"), uki: await stepOutput("uki") };
    trees = { ...parts, kernel: await kernelOutput() };
    const disk = await artifact("disk");
    // It is left alone for a minute, in which the image is looked at.
    machine = measureMachine(disk);
    machine.catch(() => {});
  });

  it.each(Object.entries(imageBudgets))("the image: %s", (name, { limit }) => {
    const value = imageFigures[name as keyof typeof imageBudgets](trees);
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThanOrEqual(limit);
  });

  it("the size report's components add up to all of /usr, in the shape that others read", async () => {
    const report = await hadronData<Record<string, unknown>>(["image", testedImage.name, "--size-report"]);
    expect(Object.keys(report)).toEqual(["image", "total", "components"]);
    const components = report.components as { name: string; bytes: number }[];
    for (const component of components) expect(Object.keys(component)).toEqual(["name", "bytes"]);
    expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(["os", "systemd", "busybox"]));
    expect(components.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(report.total);
    expect(report).toMatchObject({ image: testedImage.name, total: Math.round(imageFigures.usr(trees) * 1e6) });
  });

  it("`hadron why` says what a component and a file cost, and what would go with a component", async () => {
    interface Cost {
      image: string;
      bytes: number;
      without?: { components: string[]; bytes: number };
    }
    const costOf = async (subject: string): Promise<Cost | undefined> => {
      const { costs } = await hadronData<{ costs: Cost[] }>(["why", subject]);
      return costs.find(({ image }) => image === testedImage.name);
    };
    const { components } = await hadronData<{ components: { name: string; bytes: number }[] }>([
      ...["image", testedImage.name, "--size-report"],
    ]);
    const bytesOf = (name: string) => components.find((component) => component.name === name)?.bytes ?? 0;
    const cryptsetup = await costOf("cryptsetup");
    expect(cryptsetup?.bytes).toBe(bytesOf("cryptsetup"));
    const lost = cryptsetup?.without?.components ?? [];
    expect(lost).toContain("cryptsetup");
    expect(cryptsetup?.without?.bytes).toBe(lost.reduce((sum, name) => sum + bytesOf(name), 0));
    const busybox = statSync(join(trees.root, "usr/bin/busybox")).size;
    expect(await costOf("/bin/busybox")).toEqual({ image: testedImage.name, bytes: busybox });
  });

  it.each(Object.entries(machineBudgets))("the running machine: %s", async (name, { limit }) => {
    expect((await machine)[name as keyof typeof machineBudgets]).toBeLessThanOrEqual(limit);
  });
});

async function measureMachine(disk: string): Promise<MachineFigures> {
  await using vm = await boot("budgets", { disks: [{ path: disk, format: "raw", snapshot: true }] });
  // Awaited here: the machine goes away with this function.
  return await machineFigures(vm);
}

async function kernelOutput(): Promise<string> {
  const { name } = testedImage.kernel;
  const { steps } = await hadronData<{ steps: { step: string; path: string }[] }>(["build", name, "--test", "no"]);
  const path = steps.find(({ step }) => step === name)?.path;
  if (path === undefined) throw new Error(`"hadron build ${name}" did not say where its output is`);
  return path;
}
