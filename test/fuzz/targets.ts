import { servers } from "./answers.ts";
import { archive } from "./archive.ts";
import { attached } from "./attached.ts";
import { formats } from "./formats.ts";
import { guest } from "./guest.ts";
import { images } from "./images.ts";
import { layouts } from "./layouts.ts";
import { locks } from "./locks.ts";
import { outputs } from "./outputs.ts";
import { registry } from "./registry.ts";
import { signatures } from "./signatures.ts";
import { signingKeys } from "./signing-keys.ts";
import type { Target } from "./target.ts";

/** Every parser of ours that reads what comes from outside. One that is new belongs here. */
export const targets: readonly Target[] = [
  ...formats,
  ...archive,
  ...locks,
  ...registry,
  ...servers,
  ...images,
  ...layouts,
  ...outputs,
  ...signatures,
  ...signingKeys,
  ...attached,
  ...guest,
];
