/** Waiting for a condition, never for time. @module */

/**
 * Looks again and again until `condition` holds.
 *
 * @throws Error that says what did not happen within `timeoutMs`
 */
export async function until(
  condition: () => boolean,
  what: string,
  timeoutMs = 20_000,
): Promise<void> {
  const startMs = performance.now();
  while (!condition()) {
    if (performance.now() - startMs > timeoutMs) {
      throw new Error(`not within ${timeoutMs} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What `promise` comes to, or an error when that takes longer than `timeoutMs`: it hangs. */
export async function within<T>(promise: Promise<T>, what: string, timeoutMs = 15_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hanging = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`hangs: ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, hanging]);
  } finally {
    clearTimeout(timer);
  }
}
