import { networkReason } from "../../base/mod.ts";

/** What a run has learned about which hosts answer, so that a dead one costs its time-out once and not for every file. */
export interface Hosts {
  /** Why the host of the URL can't be reached, or undefined if it answers. Asked once for each host. */
  whyUnreachable(url: string, seconds: number): Promise<string | undefined>;
  markUnreachable(url: string, why: string): void;
}

export function rememberHosts(): Hosts {
  const known = new Map<string, Promise<string | undefined>>();
  return {
    whyUnreachable(url, seconds) {
      const { origin } = new URL(url);
      const answer = known.get(origin) ?? probe(origin, seconds);
      known.set(origin, answer);
      return answer;
    },
    markUnreachable(url, why) {
      known.set(new URL(url).origin, Promise.resolve(why));
    },
  };
}

/** Any answer will do. By `fetch` rather than a bare socket, so that it takes the same way (proxy) as the download. */
async function probe(origin: string, seconds: number): Promise<string | undefined> {
  try {
    await fetch(origin, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(seconds * 1000) });
    return undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") return `no answer within ${seconds} s`;
    return networkReason(error);
  }
}
