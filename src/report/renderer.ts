import type { Emit } from "../base/mod.ts";

/** Shows events in one sink. */
export interface Renderer extends Disposable {
  emit: Emit;
  /** Stops drawing and leaves the sink to someone else (a shell, a serial console); later events are dropped. */
  [Symbol.dispose](): void;
}

/** Takes text for the sink, line ends included. */
export type Write = (text: string) => void;
