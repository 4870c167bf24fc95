import type { Emit, Sha256 } from "../base/mod.ts";
import type { Step } from "../graph/mod.ts";
import type { Caches } from "./cache/import.ts";
import type { StepResult, Store, UsedSource } from "./store/store.ts";

/** Where source files come from; see `sources/`. */
export interface SourceProvider {
  /** Digest of the bytes that would be used now, without fetching anything. */
  choose(name: string): Sha256;
  /** Fetches if need be. Which candidate is used may differ from what `choose` said before. */
  ensure(name: string): Promise<{ path: string } & Pick<UsedSource, "sha256" | "origin">>;
}

export interface BuildOptions {
  store: Store;
  /** Unpacked sets and the digest of the one that steps run in. */
  toolbox: { digest: Sha256; root: string; bubblewrap: string };
  sources: SourceProvider;
  emit: Emit;
  /** Steps at once; by default what suits the cores. */
  slots?: number;
  signal?: AbortSignal;
  /** Where else a step's output may be had. */
  caches?: Caches;
  /** Steps to run again although the store has them. */
  rebuild?: (step: Step) => boolean;
}

export interface BuiltStep extends StepResult {
  /** The output tree on this machine; read-only by agreement. */
  path: string;
}
