/**
 * Does something with each of many things, several at a time. After a failure nothing more is begun, what is under way is
 * waited for, and the first failure is thrown.
 */
export async function eachOf<T>(things: readonly T[], atOnce: number, act: (thing: T) => Promise<void>): Promise<void> {
  const queue = [...things];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      try {
        await act(next);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, queue.length) }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
