/**
 * Rows with the time: one at each multiple of an interval since 1970 that the clock reaches, with that
 * multiple as its time. The first is the one behind the start. Multiples that are past before anybody
 * took their rows come at once, one row each: none is left out.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type {
  Source,
  SourceConnector,
  SourceContext,
  SourceProgress,
} from '../../core/connector.ts';
import type { MetronomeSource as MetronomeConfig } from '../../core/topology/model.ts';
import type { TimeUs } from '../../core/units.ts';

type Settings = Pick<MetronomeConfig, 'everyUs' | 'count'>;

/** `connector: "metronome"`. */
export const metronomeSource: SourceConnector = {
  name: 'metronome',
  needsEventLoop: () => false,
  open: (config: unknown, context: SourceContext): Source =>
    new MetronomeSource(config as Settings, context),
};

class MetronomeSource implements Source {
  readonly #everyUs: number;
  readonly #context: SourceContext;
  #left: number;
  /** The multiple that comes next; `undefined` before the first read. */
  #nextUs: TimeUs | undefined;

  constructor({ everyUs, count }: Settings, context: SourceContext) {
    this.#everyUs = everyUs;
    this.#context = context;
    this.#left = count ?? Infinity;
  }

  read(batch: Batch): SourceProgress {
    const everyUs = this.#everyUs;
    const nowUs = this.#context.clock.nowUs();
    let nextUs = this.#nextUs ?? (Math.floor(nowUs / everyUs) + 1) * everyUs;
    let row = batch.rowCount;
    while (nextUs <= nowUs && this.#left > 0 && row < batch.rowCapacity) {
      batch.columns[0]!.setI64FromNumber(row++, nextUs);
      if (nextUs < batch.ingestTimeUs) batch.ingestTimeUs = nextUs;
      nextUs += everyUs;
      this.#left--;
    }
    batch.setRowCount(row);
    this.#nextUs = nextUs;
    if (this.#left <= 0) return 'end';
    if (nextUs <= nowUs) return 'more';
    this.#context.wakeAfter((nextUs - nowUs) / 1000);
    return 'wait';
  }

  close(): void {
    // It holds nothing.
  }
}
