import type { Emit, Sha256 } from "../base/mod.ts";
import type { Step } from "../graph/mod.ts";
import type { Caches } from "./cache/import.ts";
import type { StepResult, Store, UsedSource } from "./store/store.ts";

/** Where source files come from; see `sources/`. */
export interface SourceProvider {
  /** Digest of the bytes that would be used now, without fetching anything. */
  choose(name: string): Sha256;
  /** Whether it is on this machine already. */
  has(name: string): boolean;
  /** Fetches if need be. Which candidate is used may differ from what `choose` said before. */
  ensure(name: string): Promise<{ path: string } & Pick<UsedSource, "sha256" | "origin">>;
}

export interface BuildOptions {
  store: Store;
  /** Unpacked sets and the digest of the one that steps run in. */
  toolbox: { digest: Sha256; root: string; bubblewrap: string };
  sources: SourceProvider;
  emit: Emit;
  /** Processes at once, over all steps; by default what suits the cores. How many steps run at once follows from it. */
  jobs?: number;
  /** The network is off: where a source is missing that certainly is needed, nothing is begun. */
  offline?: boolean;
  /** Makes it possible to run a step here. Called before one is run, at first as soon as one is known to be. */
  prepare?: () => Promise<void>;
  /** Called before anything is run or brought here; resolves when no other build does. What is there by then is used. */
  hold?: () => Promise<void>;
  signal?: AbortSignal;
  /** Where else a step's output may be had. */
  caches?: Caches;
  /** Steps to run again although the store has them. */
  rebuild?: (step: Step) => boolean;
  /** Words before the command that runs a step, in its sandbox and not in its key: a rebuild varies with them what must not matter. */
  around?: (step: Step) => readonly string[];
}

export interface BuiltStep extends StepResult {
  /** The output tree on this machine; read-only by agreement. */
  path: string;
}
