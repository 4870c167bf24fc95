/** Order of two Debian versions, `[epoch:]upstream[-revision]` (deb-version(7)): negative, 0 or positive. */
export function compareDebianVersions(a: string, b: string): number {
  const left = split(a);
  const right = split(b);
  return (
    compareNumbers(left.epoch, right.epoch) ||
    comparePart(left.upstream, right.upstream) ||
    comparePart(left.revision, right.revision)
  );
}

/** What stands before a colon and is no number is no epoch: then there is none. */
function split(version: string): { epoch: string; upstream: string; revision: string } {
  const epoch = /^\d+(?=:)/.exec(version)?.[0];
  const rest = version.slice(epoch === undefined ? 0 : epoch.length + 1);
  const dash = rest.lastIndexOf("-");
  return {
    epoch: epoch ?? "0",
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? "" : rest.slice(dash + 1),
  };
}

/** Stretches without and with digits take turns; the former compare by {@link weight}, the latter as numbers. */
function comparePart(a: string, b: string): number {
  const left: string[] = a.match(/\d+|\D+/g) ?? [];
  const right: string[] = b.match(/\d+|\D+/g) ?? [];
  if (/^\d/.test(a)) left.unshift("");
  if (/^\d/.test(b)) right.unshift("");
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const x = left[index] ?? "";
    const y = right[index] ?? "";
    const order = index % 2 === 1 ? compareNumbers(x, y) : compareText(x, y);
    if (order !== 0) return order;
  }
  return 0;
}

/** Of digits alone, however many; none at all is 0. */
function compareNumbers(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return x.length - y.length || (x < y ? -1 : x > y ? 1 : 0);
}

function compareText(a: string, b: string): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = weight(a[index]) - weight(b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** `~` sorts before the end, the end before letters, letters before everything else. */
function weight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === "~") return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}
