import { expect, it } from "vitest";
import { renderSizePage } from "./size-page.ts";

const files = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => ({ path: `usr/share/data/${index}`, bytes }));

const page = renderSizePage({
  image: "cloud",
  total: 3_001_000,
  components: [
    { name: "systemd", bytes: 2_000_000, files: [{ path: "usr/lib/systemd/libsystemd-shared.so", bytes: 2_000_000 }] },
    { name: "odd <&> name", bytes: 1_001_000, files: [{ path: "usr/bin/odd", bytes: 1_000_000 }, ...files(100, 10)] },
  ],
});

it("needs nothing from elsewhere and runs no script", () => {
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
});

it("names every component and its files with their bytes, on the map and in a list", () => {
  expect(page).toContain("3.00 MB in <code>/usr</code>");
  expect(page).toContain('title="/usr/lib/systemd/libsystemd-shared.so, 2.00 MB"');
  expect(page).toContain('title="100 smaller files, 1.00 kB"');
  expect(page).toContain("odd &lt;&amp;&gt; name");
  expect(page).not.toContain("odd <&");
  expect(page).toContain("<li>76 more <span>760 B</span></li>");
});

it("fits a phone and follows the colour scheme", () => {
  expect(page).toContain('name="viewport" content="width=device-width');
  expect(page).toContain("prefers-color-scheme: dark");
  expect(page).toContain("max-width: 40rem");
});
