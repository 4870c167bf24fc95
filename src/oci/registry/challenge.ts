/** What a registry asks for with 401 (RFC 9110, 11.6.1). */
export interface Challenge {
  /** Lower-case. */
  scheme: string;
  /** Names lower-case. */
  parameters: Record<string, string>;
}

/** Reads a `WWW-Authenticate`, which may hold several challenges. What can't be read is left out. */
export function parseChallenges(header: string): Challenge[] {
  const word = /[\s,]*([\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/y;
  const challenges: Challenge[] = [];
  for (let match = word.exec(header); match !== null; match = word.exec(header)) {
    const [, name = "", quoted, plain] = match;
    const value = quoted?.replace(/\\(.)/g, "$1") ?? plain;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: {} });
    else {
      const last = challenges.at(-1);
      if (last) last.parameters[name.toLowerCase()] = value;
    }
  }
  return challenges;
}
