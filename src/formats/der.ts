import { HadronError } from "../base/mod.ts";

/** Tags (X.680, 8.4) of what certificates and signatures consist of; the last two are constructed. */
export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One value in Distinguished Encoding Rules (X.690). */
export interface DerValue {
  tag: number;
  content: Buffer;
  /** Tag and length as well. */
  whole: Buffer;
}

/** Encodes a value: its content is what the parts are one after the other. */
export function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOctets(content.length), content]);
}

export function derSequence(...parts: Uint8Array[]): Buffer {
  return der(derTag.sequence, ...parts);
}

/** X.690, 10.3 and 11.6: the elements of a set are sorted by their encodings. */
export function derSet(...parts: Uint8Array[]): Buffer {
  return der(derTag.set, ...parts.toSorted(Buffer.compare));
}

/** `[number]`, constructed (X.690, 8.14). */
export function derExplicit(number: number, ...parts: Uint8Array[]): Buffer {
  return der(0xa0 | number, ...parts);
}

/** A number that is not negative, from its octets, most significant first. */
export function derInteger(octets: Uint8Array): Buffer {
  const first = octets.findIndex((octet) => octet !== 0);
  const digits = first < 0 ? Buffer.from([0]) : Buffer.from(octets.subarray(first));
  // A first bit of one would mean a negative number.
  return der(derTag.integer, ...((digits[0] ?? 0) & 0x80 ? [Buffer.from([0])] : []), digits);
}

/** @param dotted `1.2.840.113549`: two arcs at least */
export function derObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  return der(derTag.objectIdentifier, Buffer.from([first * 40 + second, ...others].flatMap(base128)));
}

/** X.690, 8.19.2: seven bits an octet, all but the last marked. */
function base128(value: number): number[] {
  const octets = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    octets.unshift((rest & 0x7f) | 0x80);
  return octets;
}

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(length);
  const digits = octets.subarray(octets.findIndex((octet) => octet !== 0));
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits]);
}

/**
 * The one value that the bytes are.
 * @throws HadronError `DER_INVALID` where they are none, or more than one
 */
export function readDer(bytes: Uint8Array): DerValue {
  const [value, ...others] = readDerValues(bytes);
  if (value === undefined || others.length > 0) throw invalid("it is not one value");
  return value;
}

/**
 * The values that follow each other in the bytes: what a sequence or set holds.
 * @throws HadronError `DER_INVALID`
 */
export function readDerValues(bytes: Uint8Array): DerValue[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: DerValue[] = [];
  let at = 0;
  while (at < all.length) {
    const value = readFirst(all.subarray(at));
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

/** Of lengths only the shortest form is taken (X.690, 10.1), so that equal values are equal bytes. */
function readFirst(bytes: Buffer): DerValue {
  const [tag = 0, short = 0x80] = bytes;
  if ((tag & 0x1f) === 0x1f) throw invalid("it has a tag of several octets");
  const octets = short < 0x80 ? 0 : short & 0x7f;
  if (short === 0x80 || octets > 4 || 2 + octets > bytes.length) throw invalid("it has a length that is none");
  const length = octets === 0 ? short : bytes.readUIntBE(2, octets);
  const start = 2 + octets;
  if (!lengthOctets(length).equals(bytes.subarray(1, start))) throw invalid("it has a length that is too long a form");
  if (start + length > bytes.length) throw invalid("it ends inside of a value");
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}

function invalid(why: string): HadronError {
  return new HadronError(`Could not read what should be DER: ${why}`, {
    kind: "input",
    code: "DER_INVALID",
    hint: "Take the file anew from where it came from",
  });
}
