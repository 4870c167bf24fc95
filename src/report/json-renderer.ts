import type { Renderer, Write } from "./renderer.ts";

/** One event a line, as JSON, with the seconds since the command began. */
export function jsonRenderer(write: Write): Renderer {
  const begin = performance.now();
  let open = true;
  return {
    emit: (event) => {
      if (open) write(`${JSON.stringify({ seconds: Math.round(performance.now() - begin) / 1000, ...event })}\n`);
    },
    [Symbol.dispose]: () => {
      open = false;
    },
  };
}
