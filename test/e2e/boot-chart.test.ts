import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freshFolder, testedImage } from "./support/artifacts.ts";
import { hadronData } from "./support/hadron-command.ts";

describe("hadron run --boot-chart", () => {
  it("writes systemd-analyze's plot of a boot, and says how long its parts took", async () => {
    const chart = join(await freshFolder("boot-chart"), "boot.svg");
    const ran = await hadronData<Record<string, unknown>>(["run", testedImage.name, "--boot-chart", chart]);
    expect(ran).toMatchObject({ image: testedImage.name, chart, reason: "poweroff" });
    const { total, ...parts } = ran.seconds as Record<string, number>;
    // The loader tells when it and the firmware began.
    expect(Object.keys(parts)).toEqual(["firmware", "loader", "kernel", "initrd", "userspace"]);
    for (const [part, seconds] of Object.entries(parts)) expect(seconds, part).toBeGreaterThan(0);
    const { kernel = 0, initrd = 0, userspace = 0 } = parts;
    expect(kernel + initrd + userspace).toBeCloseTo(total ?? 0, 3);
    const svg = await readFile(chart, "utf8");
    expect(svg).toMatch(/^<\?xml|^<svg/);
    expect(svg).toContain("multi-user.target");
    expect(svg.trimEnd()).toMatch(/<\/svg>$/);
  });
});
