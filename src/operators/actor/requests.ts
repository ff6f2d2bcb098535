/** Requests that come as rows, and the rows that answer them. @module */

import type { Batch } from '../../core/batch.ts';
import type { KernelContext } from '../../core/operator.ts';
import type { StreamType } from '../../core/schema.ts';
import { storageOf } from '../../core/types.ts';
import { RowSpreader } from '../../columns/index.ts';
import { RowReader } from '../../rows/row-reader.ts';
import { encodeJson, jsonProblem } from '../../rows/values/json.ts';
import { KeyHasher } from '../../state/key-hasher.ts';
import { type Answer, namesOf } from './answers.ts';
import type { RequestColumns } from './spec.ts';

/** Who is to answer a request: the instance of its key, all instances together, or another task. */
type Addressee = 'instance' | 'all' | 'nobody';

/** A request, and the names in it. */
interface Request {
  readonly request: object;
  readonly names: readonly string[] | undefined;
}

/** Share of a slot that the values of an answer may take: there are the columns of the request besides. */
const MOST_OF_SLOT = 1 / 2;

const TOO_LARGE = 'the answer does not fit into a slot; raise /engine/ring/heap';

/** Reads the requests of one task. Each of its calls is about the batch that was begun last. */
export class Requests {
  readonly #columns: RequestColumns;
  readonly #reader: RowReader;
  readonly #instance: number;
  readonly #limitBytes: number;
  /** With several tasks: finds the one that has a key, as those do who deal rows out. */
  readonly #owners: { readonly hasher: KeyHasher; readonly spreader: RowSpreader } | undefined;
  /** By row: it has a key of this task. */
  readonly #isOwn: Uint8Array;

  constructor(columns: RequestColumns, { schema }: StreamType, context: KernelContext) {
    const { instance, instances, memory, rowCapacity, slotHeapBytes } = context;
    this.#columns = columns;
    this.#reader = new RowReader(schema, { int64: 'bigint' });
    this.#instance = instance;
    this.#limitBytes = slotHeapBytes * MOST_OF_SLOT;
    this.#isOwn = new Uint8Array(rowCapacity).fill(instances === 1 ? 1 : 0);
    const storages = columns.keys.map((at) => storageOf(schema[at]!.type));
    if (instances === 1) return;
    this.#owners = {
      hasher: new KeyHasher(memory, storages, rowCapacity, 'spread'),
      spreader: new RowSpreader(memory, instances, rowCapacity),
    };
  }

  begin(batch: Batch): void {
    if (this.#owners === undefined) return;
    const { hasher, spreader } = this.#owners;
    const { selection, selected, columns } = batch;
    hasher.hash(
      this.#columns.keys.map((at) => columns[at]!),
      selection,
      selected,
    );
    spreader.spread(hasher.hashes, selection, selected);
    this.#isOwn.fill(0);
    const own = spreader.lists[this.#instance]!;
    for (let i = 0; i < spreader.counts[this.#instance]!; i++) this.#isOwn[own[i]!] = 1;
  }

  /** A request without a key is for all; of an actor without one, for the only instance. */
  addresseeOf({ columns }: Batch, row: number): Addressee {
    const { keys } = this.#columns;
    if (keys.length > 0 && keys.every((at) => columns[at]!.isNull(row))) return 'all';
    return this.#isOwn[row] === 1 ? 'instance' : 'nobody';
  }

  /** A request, and what it asks for: `undefined` where that is no text and no list of them. */
  read(batch: Batch, row: number): Request {
    const request = this.#reader.read(batch, row);
    return { request, names: namesOf(request['query']) };
  }

  /** The row that answers a request, with what JSON can say of an answer. */
  response(request: object, { values, errors }: Answer): object {
    const result: Record<string, unknown> = {};
    const exception: Record<string, string> = { ...errors };
    for (const [name, value = null] of Object.entries(values)) {
      const problem = jsonProblem(value);
      if (problem === undefined) result[name] = value;
      else exception[name] = `it is ${problem}, which JSON cannot say`;
    }
    const bytes = encodeJson(result)?.length ?? Infinity;
    if (bytes > this.#limitBytes) return this.refusal(request, TOO_LARGE);
    return this.#row(request, result, Object.keys(exception).length > 0 ? exception : null);
  }

  /** The row that says that a request has no answer at all. */
  refusal(request: object, message = TOO_LARGE): object {
    return this.#row(request, {}, { '': message });
  }

  #row(request: object, result: object, exception: object | null): object {
    return { ...request, instance: this.#instance, result, exception };
  }
}
