import { formatBytes } from "./format.ts";
import { type Rectangle, squarify } from "./size-treemap.ts";

export interface SizePage {
  image: string;
  /** Bytes of all components together. */
  total: number;
  /** Largest first, and so are their files. */
  components: { name: string; bytes: number; files: { path: string; bytes: number }[] }[];
}

/** A file below this part of the whole would be a speck; those of a component are drawn as one. */
const smallestPart = 1 / 2000;
/** How many files of a component are listed one by one. */
const listed = 25;
/** The shape for which the tiles come out near to squares; the page may stretch it. */
const frame: Rectangle = { x: 0, y: 0, width: 160, height: 100 };

/** One HTML file that needs no other: a treemap of component → file, and the same as lists. */
export function renderSizePage(page: SizePage): string {
  const { image, total, components } = page;
  const title = `What is in ${escapeHtml(image)}`;
  const tiles = squarify(bytesOf(components), frame);
  const blocks = components.map((component, index) => block(component, index, tiles[index] ?? frame, total));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>${title}</h1>
<p>${formatBytes(total)} in <code>/usr</code>, uncompressed: each area is as large as its bytes.</p>
<div class="map">
${blocks.join("\n")}
</div>
${components.map((component, index) => list(component, index, total)).join("\n")}
</body>
</html>
`;
}

type Component = SizePage["components"][number];

function block(component: Component, index: number, at: Rectangle, total: number): string {
  const large = component.files.filter(({ bytes }) => bytes >= total * smallestPart);
  const small = component.files.slice(large.length);
  const rest = small.reduce((sum, { bytes }) => sum + bytes, 0);
  const parts = [
    ...large.map(({ path, bytes }) => ({ name: path.slice(path.lastIndexOf("/") + 1), title: `/${path}`, bytes })),
    ...(rest > 0 ? [{ name: "", title: `${small.length} smaller files`, bytes: rest }] : []),
  ].sort((a, b) => b.bytes - a.bytes);
  const inner = squarify(bytesOf(parts), { x: 0, y: 0, width: at.width, height: at.height });
  const files = parts.map(({ name, title, bytes }, number) => {
    const style = place(inner[number] ?? at, at);
    return `<i style="${style}" title="${escapeHtml(title)}, ${formatBytes(bytes)}">${escapeHtml(name)}</i>`;
  });
  const about = `${escapeHtml(component.name)}, ${formatBytes(component.bytes)}`;
  return `<a href="#c${index}" title="${about}" style="${place(at, frame)};--hue:${hue(index)}">${files.join("")}<b>${escapeHtml(component.name)}</b></a>`;
}

function list({ name, bytes, files }: Component, index: number, total: number): string {
  const lines = files
    .slice(0, listed)
    .map((file) => `<li><code>/${escapeHtml(file.path)}</code> <span>${formatBytes(file.bytes)}</span></li>`);
  const more = files.slice(listed);
  const rest = more.reduce((sum, file) => sum + file.bytes, 0);
  if (more.length > 0) lines.push(`<li>${more.length} more <span>${formatBytes(rest)}</span></li>`);
  const share = total === 0 ? 0 : (100 * bytes) / total;
  return `<details id="c${index}" style="--hue:${hue(index)}"><summary>${escapeHtml(name)} <span>${formatBytes(bytes)}, ${share.toFixed(1)} %</span></summary><ul>${lines.join("")}</ul></details>`;
}

function place(part: Rectangle, whole: Rectangle): string {
  const percent = (value: number, of: number) => `${of === 0 ? 0 : Number(((100 * value) / of).toFixed(3))}%`;
  const { x, y, width, height } = part;
  return [
    `left:${percent(x, whole.width)}`,
    `top:${percent(y, whole.height)}`,
    `width:${percent(width, whole.width)}`,
    `height:${percent(height, whole.height)}`,
  ].join(";");
}

/** Neighbours in the order of size get hues far from each other: steps of the golden angle. */
function hue(index: number): number {
  return Math.round((index * 137.508) % 360);
}

function bytesOf(parts: readonly { bytes: number }[]): number[] {
  return parts.map(({ bytes }) => bytes);
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? "");
}

/** The map is as high as the window allows, and upright on a phone. */
const style = `
:root { color-scheme: light dark; --tile: 82%; --edge: 97%; }
@media (prefers-color-scheme: dark) { :root { --tile: 26%; --edge: 12%; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 80rem; }
h1 { font-size: 1.4rem; margin: 0; }
.map { position: relative; height: min(62vw, 80vh); min-height: 22rem; margin: 1rem 0; }
.map a, .map i { position: absolute; box-sizing: border-box; overflow: hidden; color: CanvasText; }
.map a { border: 1px solid hsl(var(--hue) 40% var(--edge)); text-decoration: none; }
.map i { background: hsl(var(--hue) 45% var(--tile)); border: .5px solid hsl(var(--hue) 40% var(--edge)); font: 10px/1.3 system-ui, sans-serif; padding: 1.6em 2px 0; }
.map b { position: absolute; left: 3px; top: 1px; font-size: 12px; white-space: nowrap; pointer-events: none; }
details { border-left: .4rem solid hsl(var(--hue) 45% var(--tile)); padding: .2rem .6rem; margin: .2rem 0; }
summary { cursor: pointer; }
summary span, li span { float: right; font-variant-numeric: tabular-nums; }
ul { list-style: none; padding: 0; margin: .3rem 0; font-size: .85rem; }
li { overflow-wrap: anywhere; clear: both; }
@media (max-width: 40rem) { .map { height: 75vh; } }
`;
