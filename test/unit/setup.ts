import fc from "fast-check";
import { keepFilesInMemory } from "../memory-folder.ts";

/** The gate sees the same inputs each time: a failure is then a change of the code, never luck. `make fuzz` has others. */
fc.configureGlobal({ seed: 262 });

keepFilesInMemory();
