import type { Command } from "./command.ts";
import type { CommandName } from "./table.ts";

/** Where each command's code is; imported only when it runs, so that help stays quick. */
export const commandModules: { [Name in CommandName]: () => Promise<{ command: Command<Name, unknown> }> } = {
  build: () => import("./commands/build.ts"),
  image: () => import("./commands/image.ts"),
  digests: () => import("./commands/digests.ts"),
  run: () => import("./commands/run.ts"),
  list: () => import("./commands/list.ts"),
  show: () => import("./commands/show.ts"),
  why: () => import("./commands/why.ts"),
  graph: () => import("./commands/graph.ts"),
  sources: () => import("./commands/sources.ts"),
  toolbox: () => import("./commands/toolbox.ts"),
  store: () => import("./commands/store.ts"),
  cache: () => import("./commands/cache.ts"),
  push: () => import("./commands/push.ts"),
  pull: () => import("./commands/pull.ts"),
  keys: () => import("./commands/keys.ts"),
  sign: () => import("./commands/sign.ts"),
  verify: () => import("./commands/verify.ts"),
  sbom: () => import("./commands/sbom.ts"),
  inspect: () => import("./commands/inspect.ts"),
  doctor: () => import("./commands/doctor.ts"),
};
