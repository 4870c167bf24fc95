import { expect, it } from "vitest";
import { renderSizeReport } from "./size-report.ts";

it("is a table of components, largest first, with their shares and the sum", () => {
  const components = [
    { name: "systemd", bytes: 7_500_000 },
    { name: "os", bytes: 2_500_000 },
  ];
  expect(renderSizeReport({ image: "cloud", total: 10_000_000, components })).toBe(
    [
      "component  /usr     share\n",
      "systemd    7.50 MB  75.0 %\n",
      "os         2.50 MB  25.0 %\n",
      "all        10.0 MB  100.0 %\n",
    ].join(""),
  );
});
