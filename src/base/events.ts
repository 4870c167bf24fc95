/** What happens during a command, as data: libraries emit events and never print; `src/report` renders them. */
export type Event =
  /** `expected`: seconds that steps of the plan took before. */
  | { type: "plan"; total: number; expected?: Readonly<Record<string, number>> }
  | { type: "step-start"; step: string; at: string; expectedSeconds?: number }
  /** `exported`: nothing was run, its output was written to a cache for others. */
  | {
      type: "step-end";
      step: string;
      outcome: "built" | "cached" | "imported" | "exported" | "failed";
      seconds: number;
    }
  | { type: "fetch-start"; name: string; bytes: number }
  | { type: "fetch-progress"; name: string; received: number; bytes: number }
  | { type: "fetch-end"; name: string; from: string }
  /** The error itself is thrown, or another place is tried. */
  | { type: "fetch-failed"; name: string }
  /** The same of what goes to a registry. */
  | { type: "send-start"; name: string; bytes: number }
  | { type: "send-progress"; name: string; sent: number; bytes: number }
  | { type: "send-end"; name: string; to: string }
  | { type: "send-failed"; name: string }
  | { type: "note"; message: string }
  | { type: "warning"; message: string; code: string };

export type Emit = (event: Event) => void;

export const silent: Emit = () => {};
