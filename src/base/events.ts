/** What happens during a command, as data: libraries emit events and never print; `src/report` renders them. */
export type Event =
  /** `expected`: seconds that steps of the plan took before. */
  | { type: "plan"; total: number; expected?: Readonly<Record<string, number>> }
  | { type: "step-start"; step: string; at: string; expectedSeconds?: number }
  | { type: "step-line"; step: string; line: string }
  | { type: "step-end"; step: string; outcome: "built" | "cached" | "imported" | "failed"; seconds: number }
  | { type: "fetch-start"; name: string; bytes: number }
  | { type: "fetch-progress"; name: string; received: number; bytes: number }
  | { type: "fetch-end"; name: string; from: string }
  /** The error itself is thrown, or another place is tried. */
  | { type: "fetch-failed"; name: string }
  | { type: "note"; message: string }
  | { type: "warning"; message: string; code: string };

export type Emit = (event: Event) => void;

export const silent: Emit = () => {};
