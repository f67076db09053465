const PATIENCE_MS = 60_000;
const PAUSE_MS = 5;

/** Waits for a condition; throws after a minute with what was awaited. */
export async function until(holds: () => boolean, awaited: () => string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`timed out waiting for ${awaited()}`);
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
}
