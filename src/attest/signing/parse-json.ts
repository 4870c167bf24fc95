/** What bytes are as JSON; undefined where they are none. Who reads signatures asks only whether they are of the form that counts. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
