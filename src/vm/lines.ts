import { StringDecoder } from "node:string_decoder";

/**
 * Cuts a byte stream into lines, without their ends (LF or CR LF). Bytes that are no UTF-8 become U+FFFD.
 * @param longest A line is cut there, so that a stream without line ends can't fill the memory.
 */
export function splitLines(emit: (line: string) => void, longest = 64 * 1024 * 1024): (chunk: Uint8Array) => void {
  const decoder = new StringDecoder("utf8");
  let rest: string[] = [];
  let restLength = 0;
  return (chunk) => {
    const pieces = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)).split("\n");
    const last = pieces.pop() ?? "";
    for (const piece of pieces) {
      const line = rest.length === 0 ? piece : rest.join("") + piece;
      rest = [];
      restLength = 0;
      emit(line.endsWith("\r") ? line.slice(0, -1) : line);
    }
    if (last === "") return;
    rest.push(last);
    restLength += last.length;
    if (restLength > longest) {
      emit(rest.join(""));
      rest = [];
      restLength = 0;
    }
  };
}
