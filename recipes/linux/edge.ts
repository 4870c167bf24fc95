import { kernel } from "./kernel.ts";

/**
 * Not a `recipe.ts`: half an hour of compiling is for those who ask for the image `edge`, not for each `hadron build`. Its modules are
 * not signed; what signs them is a step of the image.
 */
export default kernel({
  name: "linux-edge",
  summary: "Kernel for broad hardware, with modules that are yet to be signed",
  configuration: "edge",
  source: "linux",
  btf: true,
});
