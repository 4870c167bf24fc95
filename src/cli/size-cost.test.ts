import { expect, it } from "vitest";
import { renderCost } from "./size-cost.ts";

it("says what a component costs, and what would go with it", () => {
  expect(
    renderCost({ image: "cloud", bytes: 1_200_000, without: { components: ["archive", "curl"], bytes: 2e6 } }),
  ).toBe("1.20 MB of the image cloud\n2.00 MB less without archive, curl\n");
});

it("says it once where nothing goes with it", () => {
  expect(renderCost({ image: "cloud", bytes: 340, without: { components: ["kmod"], bytes: 340 } })).toBe(
    "340 B of the image cloud\n",
  );
  expect(renderCost({ image: "cloud", bytes: 12 })).toBe("12 B of the image cloud\n");
});
