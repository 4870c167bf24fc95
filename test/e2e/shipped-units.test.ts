import { beforeAll, describe, expect, it } from "vitest";
import cloud from "../../images/cloud.ts";
import container from "../../images/container.ts";
import { stepOutput } from "./support/artifacts.ts";
import { exposureOfShipped, longRunningServices, notJudged } from "./support/shipped-units.ts";
import { type Exposure, exposureAllowed, exposureExceptions, overexposed } from "./support/units.ts";

describe.each([cloud, container].map((image) => [image.name, image] as const))("what %s ships", (_, image) => {
  let services: string[];
  let exposures: Exposure[];

  beforeAll(async () => {
    const root = await stepOutput("root", image);
    services = await longRunningServices(root);
    exposures = await exposureOfShipped(root);
  });

  it("has no long-running service that is exposed more than it must be, whether it is started or not", () => {
    expect(services).toEqual(
      expect.arrayContaining(["dbus.service", "systemd-importd.service", "systemd-oomd.service"]),
    );
    expect(overexposed(exposures)).toEqual([]);
  });

  it("has few exceptions, and none that is not needed", () => {
    const over = exposures.filter(({ exposure }) => exposure > exposureAllowed).map(({ unit }) => unit);
    expect(over).toEqual(Object.keys(exposureExceptions));
    expect(over.length).toBeLessThanOrEqual(5);
  });
});

it("what is not judged is there", async () => {
  const services = await longRunningServices(await stepOutput("root", cloud));
  expect(services).toEqual(expect.arrayContaining(Object.keys(notJudged)));
});
