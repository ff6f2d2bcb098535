/** What `materialize` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { TableKeep } from '../../core/topology/model.ts';
import type { TimeUs } from '../../core/units.ts';
import type { Value } from '../../expr/index.ts';
import { readValue } from '../../expr/index.ts';
import { sharedName } from '../query/config.ts';
import { Table, type TableRow } from '../query/table.ts';
import type { MaterializeConfig } from './spec.ts';

/** Makes the kernel of a `materialize`. */
export function createMaterializeKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const { table } = plan.config as MaterializeConfig;
  const shared = context.shared(sharedName(table.name), () => new Table(table));
  return new MaterializeKernel(shared);
}

/** A row of a group, and when it was. */
interface Kept {
  readonly row: TableRow;
  readonly timeUs: TimeUs;
}

/** Rows come nearly in the order of time, so this is a step or none. */
function insertByTime(rows: Kept[], kept: Kept): void {
  let at = rows.length;
  while (at > 0 && rows[at - 1]!.timeUs > kept.timeUs) at--;
  if (at === rows.length) rows.push(kept);
  else rows.splice(at, 0, kept);
}

/** The rows of one group from `first` on: by time, or as they came. */
interface Group {
  readonly rows: Kept[];
  first: number;
  latestUs: TimeUs;
}

class MaterializeKernel implements Kernel {
  readonly #table: Table;
  readonly #keep: TableKeep;
  readonly #by: readonly number[];
  readonly #groups = new Map<string, Group>();

  constructor(table: Table) {
    const { schema, partitionBy, keep } = table.definition;
    this.#table = table;
    this.#keep = keep!;
    this.#by = partitionBy.map((name) => fieldIndex(schema, name));
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    for (let i = 0; i < batch.selected; i++) this.#add(batch, batch.selection[i]!);
    out.offer(0, batch);
    return 'done';
  }

  #add(batch: Batch, row: number): void {
    const values = batch.columns.map((column) => readValue(column, row));
    const timeUs = batch.hasTime ? batch.timeUs(row) : 0;
    const group = this.#groupOf(values);
    group.latestUs = Math.max(group.latestUs, timeUs);
    this.#trim(group, 1);
    if (!this.#isKept(timeUs, group)) return;
    const kept = { row: this.#table.insert(values)!, timeUs };
    if (this.#keep.kind === 'rows') group.rows.push(kept);
    else insertByTime(group.rows, kept);
  }

  #groupOf(values: readonly Value[]): Group {
    // A null is a group of its own.
    const id = this.#by
      .map((c) => `${typeof values[c]}:${String(values[c]).length}:${String(values[c])}`)
      .join();
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = { rows: [], first: 0, latestUs: -Infinity };
      this.#groups.set(id, group);
    }
    return group;
  }

  /** Makes room for `more` rows, and forgets what has become too old. */
  #trim(group: Group, more: number): void {
    const keep = this.#keep;
    const { rows } = group;
    if (keep.kind === 'rows') {
      while (rows.length - group.first + more > keep.rows) this.#forget(rows[group.first++]!);
    } else {
      while (group.first < rows.length && !this.#isKept(rows[group.first]!.timeUs, group)) {
        this.#forget(rows[group.first++]!);
      }
    }
    if (group.first < 64 || 2 * group.first < rows.length) return;
    rows.splice(0, group.first);
    group.first = 0;
  }

  #forget({ row }: Kept): void {
    this.#table.delete(row);
  }

  #isKept(timeUs: TimeUs, { latestUs }: Group): boolean {
    return this.#keep.kind === 'rows' || timeUs > latestUs - this.#keep.forUs;
  }
}
