export { downloadBlob } from "./download-blob.ts";
export { type Inspected, inspect } from "./inspect.ts";
export { findManifest, putManifest } from "./manifests.ts";
export { pullToLayout } from "./pull.ts";
export { type Moved, pushLayout } from "./push.ts";
export { formatReference, parseReference, type Reference } from "./reference.ts";
export { openRepository, type RegistryOptions, type Repository } from "./repository.ts";
export { uploadBlob } from "./upload-blob.ts";
