/** Fields of one stanza. Names are looked up as spelled, which is what every file that we read does. */
export type Stanza = ReadonlyMap<string, string>;

/**
 * Stanzas of Debian's control syntax (deb822(5)): `Name: value`, continuation lines begin with white space, a blank line ends
 * a stanza, lines with `#` are comments. Continuations keep their line breaks, without the leading white space.
 */
export function parseDeb822(text: string): Stanza[] {
  const stanzas: Stanza[] = [];
  let stanza = new Map<string, string>();
  let field: string | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    if (line.trim() === "") {
      if (stanza.size > 0) stanzas.push(stanza);
      stanza = new Map();
      field = undefined;
    } else if (line.startsWith(" ") || line.startsWith("\t")) {
      if (field !== undefined) stanza.set(field, `${stanza.get(field)}\n${line.trim()}`);
    } else {
      const colon = line.indexOf(":");
      field = colon < 0 ? undefined : line.slice(0, colon);
      if (field !== undefined) stanza.set(field, line.slice(colon + 1).trim());
    }
  }
  if (stanza.size > 0) stanzas.push(stanza);
  return stanzas;
}
