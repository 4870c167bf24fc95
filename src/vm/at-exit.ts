const cleanUps = new Set<() => void>();

/**
 * Runs a synchronous clean-up should this process exit first. The result takes it back.
 * One listener for all: Node warns of a leak at eleven, and a test run may hold many VMs.
 */
export function atExit(cleanUp: () => void): () => void {
  if (cleanUps.size === 0) process.on("exit", runAll);
  cleanUps.add(cleanUp);
  return () => {
    cleanUps.delete(cleanUp);
    if (cleanUps.size === 0) process.off("exit", runAll);
  };
}

function runAll(): void {
  for (const cleanUp of cleanUps) cleanUp();
}
