/** What `materialize` does: the rows of a batch go to slots of the table, those that are too old from them. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TableKeep } from '../../core/topology/model.ts';
import type { TimeUs } from '../../core/units.ts';
import type { OpenedTable } from '../query/open-table.ts';
import { openTable } from '../query/open-table.ts';
import type { Table } from '../query/table.ts';
import { type Group, Groups } from './groups.ts';
import type { MaterializeConfig } from './spec.ts';

/** Makes the kernel of a `materialize`. */
export async function createMaterializeKernel(
  plan: OperatorPlan,
  context: KernelContext,
): Promise<Kernel> {
  const { table } = plan.config as MaterializeConfig;
  return new MaterializeKernel(await openTable(table, context), context);
}

class MaterializeKernel implements Kernel {
  readonly #table: Table;
  readonly #isFirst: boolean;
  readonly #keep: TableKeep;
  readonly #groups: Groups;
  /** By row. */
  readonly #slots: Int32Array;
  /** Rows that have slots, and are not written yet: `rows[0 .. pending)`. */
  readonly #rows: Uint32Array;
  #pending = 0;
  #batch: Batch | undefined;

  constructor({ table, isFirst }: OpenedTable, context: KernelContext) {
    this.#table = table;
    this.#isFirst = isFirst;
    this.#keep = table.definition.keep!;
    this.#groups = new Groups(table.definition, context);
    this.#slots = new Int32Array(context.rowCapacity);
    this.#rows = new Uint32Array(context.rowCapacity);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const { selection, selected, hasTime } = batch;
    this.#batch = batch;
    const indexes = this.#groups.assign(batch);
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      this.#add(row, this.#groups.group(indexes, i), hasTime ? batch.timeUs(row) : 0);
    }
    this.#write();
    this.#table.checkLimit();
    this.#batch = undefined;
    out.offer(0, batch);
    return 'done';
  }

  /** The groups, and the table, if nobody else writes it down. */
  *state(io: StateIo): Steps {
    io.section('materialize', 1);
    if (io.flag(this.#isFirst)) yield* this.#table.state(io);
    yield* this.#groups.state(io);
  }

  #add(row: number, group: Group, timeUs: TimeUs): void {
    if (timeUs > group.latestUs) group.latestUs = timeUs;
    this.#trim(group);
    if (!this.#isKept(timeUs, group)) return;
    const slot = this.#table.take(0);
    this.#slots[row] = slot;
    this.#rows[this.#pending++] = row;
    if (this.#keep.kind === 'rows') group.add(slot, 0);
    else group.addByTime(slot, timeUs);
  }

  /** Makes room for a row, and forgets what has become too old. */
  #trim(group: Group): void {
    const keep = this.#keep;
    if (keep.kind === 'rows') {
      while (group.size >= keep.rows) this.#forget(group.takeFirst());
    } else {
      while (group.size > 0 && !this.#isKept(group.firstUs, group)) {
        this.#forget(group.takeFirst());
      }
    }
  }

  #forget(slot: number): void {
    if (!this.#table.isPresent(slot)) this.#write();
    this.#table.delete(slot);
  }

  #write(): void {
    const columns = this.#batch!.columns;
    const table = this.#table;
    const count = this.#pending;
    for (let c = 0; c < columns.length; c++) {
      table.columns[c]!.scatter(columns[c]!, this.#slots, this.#rows, 0, count);
    }
    for (let i = 0; i < count; i++) table.admit(this.#slots[this.#rows[i]!]!);
    this.#pending = 0;
  }

  #isKept(timeUs: TimeUs, { latestUs }: Group): boolean {
    return this.#keep.kind === 'rows' || timeUs > latestUs - this.#keep.forUs;
  }
}
