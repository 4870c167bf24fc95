import type { Graph } from "../../src/graph/mod.ts";

/** What an older tool does otherwise, and what has to be said to it in a step's script so that it does the same. */
const adaptations: readonly { why: string; from: string; to: string }[] = [
  {
    why: "Before 1.7, Meson's default target also builds all tests, which a cross build may not be able to link",
    from: "\nninja -C /build/meson -j$JOBS\n",
    to: [
      "",
      "mapfile -t targets < <(meson introspect --targets /build/meson |",
      "  jq -r '.[] | select(.build_by_default) | .filename[]' | sed 's|^/build/meson/||' | sort -u)",
      'ninja -C /build/meson -j$JOBS "${targets[@]}"',
      "",
    ].join("\n"),
  },
];

/** The graph for older tools. @throws Error where an adaptation fits nothing any more */
export function adaptGraph(graph: Graph): Graph {
  const fitting = new Set<string>();
  const steps = [...graph.steps].map(([id, step]) => {
    const script = adaptations.reduce((text, { why, from, to }) => {
      if (!text.includes(from)) return text;
      fitting.add(why);
      return text.replaceAll(from, () => to);
    }, step.script);
    return [id, { ...step, script }] as const;
  });
  const useless = adaptations.find(({ why }) => !fitting.has(why));
  if (useless) throw new Error(`No step's script fits the adaptation "${useless.why}" any more`);
  return { ...graph, steps: new Map(steps) };
}
