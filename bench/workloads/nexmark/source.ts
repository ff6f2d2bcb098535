/**
 * NEXMark's streams as sources of a topology: `connector: "module"`, `export: "open"`.
 *
 * A source gives the rows of one kind, and generates those of the kinds in `with` as well, text and
 * all, into a buffer that nobody reads; so a job generates every event once, whatever its query reads.
 *
 * @module
 */

import type { KernelMemory } from '../../../src/core/memory.ts';
import type { OpenSourceModule } from '../../../src/index.ts';
import { BeamEvents } from './beam/events.ts';
import { RowColumnWriter } from './beam/row-columns.ts';
import { KernelWriter } from './fast/kernel/writers.ts';
import type { ColumnWriter } from './model/column-writer.ts';
import { EventSource } from './model/event-source.ts';
import { type GeneratorOptions, readOptions } from './model/options.ts';
import { type Kind, Timeline } from './model/timeline.ts';

/** Opens a source. */
export const open: OpenSourceModule = (given, context) => {
  const options = readOptions(given);
  return new EventSource(options, context, (kind) => makeWriter(options, kind, context.memory));
};

function makeWriter(options: GeneratorOptions, kind: Kind, memory: KernelMemory): ColumnWriter {
  const timeline = new Timeline(options.rate);
  return options.generator === 'beam'
    ? new RowColumnWriter(new BeamEvents(timeline), kind)
    : new KernelWriter(kind, timeline, options.seed, memory);
}
