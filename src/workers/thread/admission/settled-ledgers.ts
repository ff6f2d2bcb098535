/** Counting ledgers that are final. @module */

import { type Bell, SharedCell, threadBell } from '../../../ringbuf/index.ts';
import { isShedStream, type WorkerJob } from '../../protocol.ts';

/** Counts them together with the other workers; who waits for the last one is woken. */
export class SettledLedgers {
  readonly #cell: SharedCell;
  readonly #ledgers: number;
  /** Of the worker that makes the stream of what was shed, if there is one. */
  readonly #bell: Bell | undefined;

  constructor({ plan, shared }: WorkerJob, buffer: SharedArrayBuffer) {
    const { settled, ledgerCount } = shared.admission!;
    this.#cell = new SharedCell(buffer, settled);
    this.#ledgers = ledgerCount;
    const reader = plan.tasks.find(({ role }) => isShedStream(role));
    this.#bell = reader && threadBell(buffer, shared.control, reader.worker);
  }

  /** One more is final, and was published. */
  settle(): void {
    if (this.#cell.add(1) + 1 === this.#ledgers) this.#bell?.ring();
  }
}
