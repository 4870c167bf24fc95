/** One JSON line from the guest: `report NAME VALUE` in a guest script. */
export interface Report {
  name: string;
  value: unknown;
}

export interface Reports {
  add(report: Report): void;
  /** No report will come any more; who waits for one gets this error. */
  end(reason: () => Error): void;
  /**
   * The oldest report of this name that has not been taken yet, or the next to come.
   * @throws HadronError VM_TIMEOUT, or what `end` was told.
   */
  take(name: string, limit: { seconds: number; late: () => Error }): Promise<unknown>;
  /** All reports from the first on, until the VM ends; independent of `take`. */
  stream(): AsyncIterable<Report>;
}

export function collectReports(): Reports {
  const all: Report[] = [];
  const taken = new Set<Report>();
  let ended: (() => Error) | undefined;
  let changed = Promise.withResolvers<void>();
  const wake = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };

  async function take(name: string, { seconds, late }: { seconds: number; late: () => Error }): Promise<unknown> {
    const limit = performance.now() + seconds * 1000;
    for (;;) {
      const found = all.find((report) => report.name === name && !taken.has(report));
      if (found) {
        taken.add(found);
        return found.value;
      }
      if (ended) throw ended();
      const left = limit - performance.now();
      if (left <= 0) throw late();
      await Promise.race([changed.promise, sleep(left)]);
    }
  }

  async function* stream() {
    for (let next = 0; ; ) {
      for (; next < all.length; next++) yield all[next] as Report;
      if (ended) return;
      await changed.promise;
    }
  }

  return {
    add(report) {
      all.push(report);
      wake();
    },
    end(reason) {
      ended ??= reason;
      wake();
    },
    take,
    stream,
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

/** A line of the report channel, or undefined for what is none: half a line from before a reset, a stray write. */
export function parseReportLine(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
