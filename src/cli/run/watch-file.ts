/** Waiting for a file to change. @module */

import { unwatchFile, watchFile } from 'node:fs';

/**
 * Calls `onChange` whenever the file's content may have changed, until the returned function is
 * called. It asks again and again, because editors replace files in ways that `fs.watch` loses.
 */
export function watchForChanges(file: string, onChange: () => void, intervalMs = 250): () => void {
  const listener = (now: { mtimeMs: number; size: number }, before: typeof now): void => {
    // A file that is gone for a moment has no size; its new content is the next change.
    const isThere = now.mtimeMs > 0;
    if (isThere && (now.mtimeMs !== before.mtimeMs || now.size !== before.size)) onChange();
  };
  watchFile(file, { interval: intervalMs }, listener);
  return () => unwatchFile(file, listener);
}
