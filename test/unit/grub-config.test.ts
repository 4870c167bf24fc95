import { describe, expect, it } from "vitest";
import { grubConfig, slotConfig } from "../experiments/grub/grub-config.ts";

describe("GRUB's script", () => {
  it("counts down from the number of tries, each number on a line, and writes what is left", () => {
    expect(grubConfig(2)).toContain(`function count_b {
  if [ -z "$tries_b" ]; then return 0
  elif [ "$tries_b" = 2 ]; then set tries_b=1
  elif [ "$tries_b" = 1 ]; then set tries_b=0
  else return 1
  fi
  save_env tries_b
}
`);
  });

  it("differs between numbers of tries in these lines alone", () => {
    const others = (tries: number) => grubConfig(tries).replace(/^ {2}elif .*\n/gm, "");
    expect(others(9)).toBe(others(1));
    expect(grubConfig(9).match(/^ {2}elif /gm)).toHaveLength(2 * 9);
  });
});

it("a slot's file names its folder and holds the kernel's command line", () => {
  expect(slotConfig("cloud_0.1.0", ["quiet", "roothash=$(cat roothash)"])).toBe(
    "set release=cloud_0.1.0\nset options='quiet roothash=$(cat roothash)'\n",
  );
});
