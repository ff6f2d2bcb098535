/**
 * From groups that change to rows of a stream of changes: a chunk of groups at a time is read, changed
 * and read again, and where the output differs its old version is taken back and its new one given.
 *
 * @module
 */

import { RowCopier } from '../../../columns/index.ts';
import { Change } from '../../../core/changes.ts';
import { Column } from '../../../core/column.ts';
import { compareValues } from '../../../core/compare-values.ts';
import { MillraceError } from '../../../core/errors.ts';
import { TUPLE_TOO_LARGE } from '../../../core/gather.ts';
import type { KernelContext, OperatorPlan, Outbox, Progress } from '../../../core/operator.ts';
import { STRING } from '../../../core/types.ts';
import type { DurationUs, TimeUs } from '../../../core/units.ts';
import type { GroupState, GroupStates } from '../../../state/index.ts';
import { RowFailures } from '../../row-failures.ts';
import type { AggregatePlanConfig } from '../config.ts';
import { Port } from '../config.ts';
import { GroupReader } from '../group-reader.ts';
import type { StepBudget } from '../step-budget.ts';

/** Groups that change, none of them twice. */
export interface GroupChanges {
  readonly state: GroupState;
  readonly count: number;
  /** The window they are of. */
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
  /** When the last of the rows entered the engine; `-Infinity`: unknown. */
  readonly lastIngestUs: TimeUs;
  /** None of the groups had a result so far. */
  readonly areNew: boolean;
  /** None of the groups has one any more: they are not changed. */
  readonly areGone?: boolean;
  /** By group: windows of their own, before and after. Then all groups are listed at once. */
  readonly windows?: { readonly old: WindowTimes; readonly now: WindowTimes };
  /** Lists the records of the next groups, which are made if need be; returns how many. */
  find(from: number, records: Int32Array): number;
  /** Changes the groups whose records were listed. */
  apply(from: number, records: Int32Array, count: number): void;
  /** Event time of a group's results, and how late they are: of the old version, or of the new one. */
  timeUs(group: number, isOld: boolean): TimeUs;
  lateByUs(group: number, isOld: boolean): DurationUs;
}

/** When windows begin and end, by group. */
export interface WindowTimes {
  readonly startsUs: Float64Array;
  readonly endsUs: Float64Array;
}

const encoder = new TextEncoder();
const CODES = Object.fromEntries(
  Object.values(Change).map((change) => [change, encoder.encode(change)]),
) as Readonly<Record<Change, Uint8Array>>;

/** One version of the groups of a chunk. */
class Version {
  readonly reader: GroupReader;
  /** Columns of the output. */
  readonly columns: Column[] = [];
  /** Groups that are given: `rows[written .. count)`. */
  readonly rows: Uint32Array;
  count = 0;
  written = 0;
  /** By group: whether it has a result. */
  readonly has: Uint8Array;
  readonly #changes: Column;
  readonly #givesChanges: boolean;

  constructor(reader: GroupReader, { rowCapacity, memory }: KernelContext, givesChanges: boolean) {
    this.reader = reader;
    this.#givesChanges = givesChanges;
    this.rows = memory.rows(rowCapacity);
    this.has = new Uint8Array(rowCapacity);
    this.#changes = Column.allocate(STRING, rowCapacity, memory);
  }

  /** There are no results. */
  empty(count: number): void {
    this.has.fill(0, 0, count);
    this.count = 0;
    this.written = 0;
  }

  /** The output has been computed. */
  take(count: number): void {
    this.empty(count);
    const { reader, columns } = this;
    for (let i = 0; i < reader.selected; i++) this.has[reader.rows[i]!] = 1;
    for (let c = 0; c < reader.output.length; c++) columns[c] = reader.output[c]!;
    if (this.#givesChanges) columns[reader.output.length] = this.#changes;
  }

  /** Gives a group. */
  give(group: number, change: Change): void {
    this.#changes.setView(group, CODES[change], 0, CODES[change].length);
    this.rows[this.count++] = group;
  }
}

/** Writes the changes of one lot of groups after the other. */
export class ChangeWriter {
  readonly #node: string;
  readonly #budget: StepBudget;
  readonly #hasTime: boolean;
  readonly #rowCount: number;
  readonly #old: Version;
  readonly #new: Version;
  readonly #kept: KeptViews;
  readonly #copier: RowCopier;
  readonly #records: Int32Array;
  #changes: GroupChanges | undefined;
  /** Groups that were read, and the first of the chunk at hand. */
  #read = 0;
  #first = 0;

  constructor(
    plan: OperatorPlan,
    context: KernelContext,
    states: GroupStates,
    failures: RowFailures,
    budget: StepBudget,
  ) {
    const config = plan.config as AggregatePlanConfig;
    const { memory, rowCapacity } = context;
    this.#node = context.node;
    this.#budget = budget;
    this.#hasTime = config.hasTime;
    const { rowCount, givesChanges } = config.revision!;
    this.#rowCount = rowCount;
    // A version that failed was reported when it was new.
    const silent = { addLate: () => {}, addErrors: () => {} };
    const known = new RowFailures({ ...plan, onError: 'skip' }, { ...context, counters: silent });
    const reader = (of: RowFailures): GroupReader => new GroupReader(config, context, states, of);
    this.#old = new Version(reader(known), context, givesChanges);
    this.#new = new Version(reader(failures), context, givesChanges);
    const { groupColumns } = this.#new.reader;
    this.#kept = new KeptViews(groupColumns, rowCapacity);
    const columns = groupColumns + config.select.length + (givesChanges ? 1 : 0);
    this.#copier = new RowCopier(memory, columns);
    this.#records = memory.words(rowCapacity);
  }

  /** Begins with groups, whose state nobody else changes until {@link write} is done. */
  begin(changes: GroupChanges): void {
    this.#changes = changes;
    this.#read = 0;
    this.#old.empty(0);
    this.#new.empty(0);
  }

  /** Goes on; `done` when all groups have changed and all is written. */
  write(out: Outbox): Progress {
    const changes = this.#changes!;
    for (;;) {
      if (!this.#append(changes, this.#old, out)) return 'blocked';
      if (!this.#append(changes, this.#new, out)) return 'blocked';
      if (this.#read === changes.count) break;
      if (this.#budget.isSpent) return 'yielded';
      this.#change(changes);
    }
    this.#changes = undefined;
    return 'done';
  }

  /** Changes a chunk of groups. */
  #change(changes: GroupChanges): void {
    const records = this.#records;
    const count = changes.find(this.#read, records);
    this.#first = this.#read;
    this.#budget.take(count);
    if (changes.areNew) this.#old.empty(count);
    else {
      this.#readVersion(this.#old, changes, count);
      this.#kept.keep(this.#old.columns, this.#old.reader);
    }
    if (changes.areGone === true) this.#new.empty(count);
    else {
      changes.apply(this.#read, records, count);
      this.#readVersion(this.#new, changes, count);
    }
    this.#read += count;
    this.#compare(count, changes);
  }

  #readVersion(version: Version, changes: GroupChanges, count: number): void {
    const { state, startUs, endUs, windows } = changes;
    const { reader } = version;
    reader.begin(count);
    if (windows === undefined) reader.readWindow(startUs, endUs);
    else {
      const { startsUs, endsUs } = version === this.#old ? windows.old : windows.now;
      reader.readWindows(startsUs, endsUs);
    }
    reader.readKeys(state.table, this.#records);
    reader.readAggregates(state, this.#records);
    reader.dropEmpty(this.#rowCount);
    reader.compute();
    version.take(count);
  }

  #compare(count: number, { windows }: GroupChanges): void {
    const [old, now] = [this.#old, this.#new];
    for (let group = 0; group < count; group++) {
      const [was, is] = [old.has[group] === 1, now.has[group] === 1];
      if (was && is) {
        if (isSameWindow(windows, group) && this.#isSame(group)) continue;
        old.give(group, Change.UPDATE_BEFORE);
        now.give(group, Change.UPDATE_AFTER);
      } else if (was) {
        old.give(group, Change.DELETE);
      } else if (is) {
        now.give(group, Change.INSERT);
      }
    }
  }

  #isSame(group: number): boolean {
    const { groupColumns, output } = this.#new.reader;
    for (let c = groupColumns; c < output.length; c++) {
      const [before, after] = [this.#old.columns[c]!, this.#new.columns[c]!];
      if (compareValues(before, group, after, group) !== 0) return false;
    }
    return true;
  }

  /** Appends what is left of a version. */
  #append(changes: GroupChanges, version: Version, out: Outbox): boolean {
    while (version.written < version.count) {
      const target = out.claim(Port.OUT);
      if (target === undefined) return false;
      const start = target.rowCount;
      const { columns, rows, written, count: end } = version;
      const count = this.#copier.appendColumns(target, columns, rows, written, end);
      if (count === TUPLE_TOO_LARGE) {
        out.commit(Port.OUT, false);
        throw this.#tooLarge(version, target.heap.capacityBytes);
      }
      if (this.#hasTime) {
        for (let i = 0; i < count; i++) {
          const group = this.#first + rows[written + i]!;
          target.setTimeUs(start + i, changes.timeUs(group, version === this.#old));
          target.setLateBy(start + i, changes.lateByUs(group, version === this.#old));
        }
      }
      const ingestUs = changes.lastIngestUs;
      if (ingestUs > -Infinity && ingestUs < target.ingestTimeUs) target.ingestTimeUs = ingestUs;
      version.written += count;
      out.commit(Port.OUT, version.written < end);
    }
    return true;
  }

  #tooLarge({ reader, rows, written }: Version, roomBytes: number): MillraceError {
    return new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a result of '${this.#node}' has long strings of more bytes than a slot has room for ` +
        `(${roomBytes}): ${reader.rowText(rows[written]!)}; raise the ring's heap size or shorten ` +
        'the strings',
      { node: this.#node },
    );
  }
}

function isSameWindow(windows: GroupChanges['windows'], group: number): boolean {
  if (windows === undefined) return true;
  const { old, now } = windows;
  return old.startsUs[group] === now.startsUs[group] && old.endsUs[group] === now.endsUs[group];
}

/** Copies of long strings that lie in groups which are about to change. */
class KeptViews {
  readonly #from: number;
  readonly #rowCapacity: number;
  /** By column. */
  readonly #copies: (Column | undefined)[] = [];

  /** @param from - the first column that changes */
  constructor(from: number, rowCapacity: number) {
    this.#from = from;
    this.#rowCapacity = rowCapacity;
  }

  /** Puts copies in the place of columns of strings. */
  keep(columns: Column[], { output, rows, selected }: GroupReader): void {
    for (let c = this.#from; c < output.length; c++) {
      const source = output[c]!;
      if (source.storage !== 'view') continue;
      const copy = (this.#copies[c] ??= Column.allocate(source.type, this.#rowCapacity));
      copy.clearNulls();
      copy.heap.used = 0;
      for (let i = 0; i < selected; i++) {
        const row = rows[i]!;
        if (source.isNull(row)) copy.setNull(row);
        else {
          const length = source.viewLength(row);
          copy.setView(row, source.viewSource(row), source.viewStart(row), length);
        }
      }
      columns[c] = copy;
    }
  }
}
