import { kernel } from "./kernel.ts";
import { signedKernel } from "./signed/signed-kernel.ts";

const edge = { configuration: "edge", source: "linux", btf: true } as const;

/**
 * Not a `recipe.ts`: half an hour of compiling is for those who ask for the image `edge`, not for each `hadron build`. No step after it
 * compiles a kernel again, whatever the key.
 */
const compiled = kernel({
  name: "linux-edge",
  summary: "Kernel for broad hardware, with modules that are yet to be signed",
  ...edge,
});

export default signedKernel({
  name: "linux-edge-signed",
  summary: "Kernel for broad hardware, with signed modules and the certificate of their key",
  compiled,
  ...edge,
});
