/** What `lookup` does where code of the user's is asked: a batch waits until all its keys are known. @module */

import { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { TableModule } from '../../core/topology/model.ts';
import type { TimeUs } from '../../core/units.ts';
import { readValue } from '../../expr/index.ts';
import { loadFunction, textOf } from '../../modules/load-function.ts';
import { keyId } from '../key-id.ts';
import { LargeRows } from '../large-rows.ts';
import { RowFailures } from '../row-failures.ts';
import { nameColumns, rowText } from '../row-text.ts';
import type { Answer } from './answers.ts';
import { Answers } from './answers.ts';
import type { LookupModule, OpenLookup } from './contract.ts';
import { KeyQuestions } from './key-questions.ts';
import type { LookupConfig } from './spec.ts';

/** Loads and opens the user's code, and makes the kernel of a `lookup` that asks it. */
export async function createModuleLookup(
  plan: OperatorPlan,
  context: KernelContext,
): Promise<Kernel> {
  const { table, tableKeys } = plan.config as LookupConfig;
  const { module, export: name, options, schema } = table as TableModule;
  const { node, instance, instances, baseDirectory } = context;
  const open = (await loadFunction(node, baseDirectory, module, name)) as unknown as OpenLookup;
  const keys = tableKeys.map((c) => schema[c]!.name);
  const columns = schema.map((field) => field.name);
  let opened: LookupModule | undefined;
  try {
    opened = await open(Object.freeze(options), { node, instance, instances, keys, columns });
  } catch (error) {
    throw failure(node, `module ${module}: '${name}' threw ${textOf(error)}`, error);
  }
  if (typeof opened?.lookup !== 'function') {
    throw failure(node, `module ${module}: '${name}' returned no object with a function 'lookup'`);
  }
  return new ModuleLookup(plan, context, opened);
}

function failure(node: string, message: string, cause?: unknown): MillraceError {
  return new MillraceError('ERR_USER_CODE', message, { node, cause });
}

class ModuleLookup implements Kernel {
  readonly #plan: OperatorPlan;
  readonly #config: LookupConfig;
  readonly #answers: Answers;
  readonly #questions: KeyQuestions;
  /** Columns that are added. */
  readonly #values: readonly Column[];
  /** Of the batch at work, by position in its selection; `undefined`: the key has a null. */
  #found: (Answer | undefined)[] = [];
  readonly #slots: Int32Array;
  readonly #rows: Uint32Array;
  readonly #matched: Uint32Array;
  readonly #output: Batch;
  readonly #failures: RowFailures;
  readonly #largeRows: LargeRows;
  #batch: Batch | undefined;
  #nowUs: TimeUs = -Infinity;

  constructor(plan: OperatorPlan, context: KernelContext, opened: LookupModule) {
    const config = plan.config as LookupConfig;
    const table = config.table as TableModule;
    const { rowCapacity, memory } = context;
    this.#plan = plan;
    this.#config = config;
    this.#answers = new Answers(table.schema, config.tableKeys, table.cache);
    const wake = context.asynchronous?.() ?? (() => undefined);
    const keyFields = config.tableKeys.map((c) => table.schema[c]!);
    this.#questions = new KeyQuestions(opened, table, keyFields, this.#answers, wake);
    context.atEnd?.(async () => {
      this.#questions.giveUp();
      await opened.close?.();
    });
    this.#values = config.values.map((c) =>
      Column.allocate(table.schema[c]!.type, rowCapacity, memory),
    );
    this.#slots = new Int32Array(rowCapacity);
    this.#rows = memory.rows(rowCapacity);
    this.#matched = memory.rows(rowCapacity);
    this.#output = Batch.view(rowCapacity, plan.inputs[0]!.hasTime);
    this.#failures = new RowFailures(plan, context);
    this.#largeRows = new LargeRows(plan.outputs[0]!.stream.schema, this.#failures, context);
  }

  onClock(nowUs: TimeUs): void {
    this.#nowUs = nowUs;
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    this.#batch = batch;
    const keys = this.#config.inputKeys.map((c) => batch.columns[c]!);
    this.#found = Array.from({ length: batch.selected }, (_, i) => {
      const row = batch.selection[i]!;
      const id = keyId(keys.map((key) => readValue(key, row)));
      if (id === undefined) return undefined;
      const known = this.#answers.find(id, this.#nowUs);
      if (known !== undefined) return known;
      const answer = this.#answers.expect(id);
      this.#questions.add(answer, keys, row);
      return answer;
    });
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const batch = this.#batch;
    if (batch !== undefined) {
      if (!this.#questions.goOn(this.#nowUs)) return 'waiting';
      this.#batch = undefined;
      this.#give(batch, out);
    }
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }

  #give(batch: Batch, out: Outbox): void {
    const { kind } = this.#config;
    let [matched, others, all] = [0, 0, 0];
    const kept = this.#rows;
    for (let i = 0; i < batch.selected; i++) {
      const row = batch.selection[i]!;
      const answer = this.#found[i];
      if (answer?.failure !== undefined) {
        this.#fail(batch, row, answer);
        continue;
      }
      const slot = answer?.slot ?? -1;
      this.#slots[row] = slot;
      if (slot >= 0) this.#matched[matched++] = row;
      else others++;
      if (kind === 'left' || slot >= 0 === (kind !== 'anti')) kept[all++] = row;
    }
    this.#gather(batch, matched, others > 0 && kind === 'left');
    const output = this.#output;
    output.shareColumns(batch);
    const width = batch.columns.length;
    for (let v = 0; v < this.#values.length; v++) output.columns[width + v] = this.#values[v]!;
    output.selection = kept;
    output.selected = all;
    this.#largeRows.drop(output);
    out.offer(0, output);
    this.#answers.dropFailed(this.#found.filter((answer) => answer !== undefined));
    this.#answers.trim(this.#nowUs);
    this.#found = [];
  }

  #gather(batch: Batch, matched: number, hasNulls: boolean): void {
    const { values } = this.#config;
    for (let v = 0; v < values.length; v++) {
      const column = this.#values[v]!;
      column.clearNulls();
      column.heap.used = 0;
      if (hasNulls) {
        for (let i = 0; i < batch.selected; i++) column.setNull(batch.selection[i]!);
      }
      const kept = this.#answers.columns[values[v]!]!;
      kept.gather(this.#slots, this.#matched, 0, matched, column, 0);
    }
  }

  #fail(batch: Batch, row: number, answer: Answer): void {
    const { message, isTimeout, cause } = answer.failure!;
    const { inputKeys } = this.#config;
    const named = nameColumns(this.#plan.inputs[0]!.schema, batch.columns);
    const key = rowText(
      inputKeys.map((c) => named[c]!),
      row,
    );
    this.#failures.add({
      code: isTimeout ? 'ERR_TIMEOUT' : 'ERR_USER_CODE',
      message: `the key ${key} could not be looked up: ${message}`,
      input: rowText(named, row),
      cause,
    });
  }
}
