import { HadronError } from "../base/mod.ts";

/** @param entry As the layer's archive names it */
export function layerRefused(entry: string, why: string): HadronError {
  return new HadronError(`The layer's entry "${entry}" ${why}`, {
    kind: "input",
    code: "LAYER_REFUSED",
    at: entry,
    hint: "Build the image without it: a root tree has folders, files and links, each by a name within it",
  });
}
