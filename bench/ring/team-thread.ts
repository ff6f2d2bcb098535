/** The other side of `team.ts`. @module */

import { parentPort } from 'node:worker_threads';
import type { Errand } from './team.ts';

parentPort!.on('message', (errand: Errand) => {
  void perform(errand);
});

async function perform(errand: Errand): Promise<void> {
  try {
    const module = (await import(errand.module)) as Record<
      string,
      (...args: readonly unknown[]) => unknown
    >;
    parentPort!.postMessage({ value: await module[errand.run]!(...errand.args) });
  } catch (error) {
    parentPort!.postMessage({ error: error instanceof Error ? error.stack : String(error) });
  }
}
