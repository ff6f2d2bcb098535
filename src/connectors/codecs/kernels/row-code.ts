/**
 * The frame of a decoding kernel: the loop over rows, and what the code of every value uses.
 *
 * The kernel decodes rows as long as they are *plain*. At anything else it branches to
 * {@link RowCode.slow}: the row is left as it was, but for garbage behind the last row, and is for the
 * decoder in TypeScript, which knows every spelling and every message.
 *
 * @module
 */

import type { Schema } from '../../../core/schema.ts';
import type { DataType } from '../../../core/types.ts';
import { storageOf } from '../../../core/types.ts';
import type {
  FunctionBuilder,
  FunctionRef,
  I32,
  I64,
  Label,
  Local,
  V128,
} from '../../../wasm/index.ts';
import {
  ENGINE,
  i32,
  i64,
  i8x16,
  Import,
  memory as bulk,
  ModuleBuilder,
  perform,
  v128,
} from '../../../wasm/index.ts';
import { emitStartOfMinute, NO_TIME } from './calendar.ts';
import type { Escaping } from './escapes.ts';
import { emitUnescape } from './escapes.ts';
import { columnAt, ColumnWord, splatAt, Word } from './layout.ts';
import { emitLongFloat } from './long-float.ts';
import { emitLongNumber } from './long-number.ts';

/** Functions of the module that values call. */
export interface Helpers {
  readonly setNull: FunctionRef<undefined>;
  readonly startOfMinute: FunctionRef<'i64'>;
  readonly longNumber: FunctionRef<'i32'>;
  readonly longFloat: FunctionRef<'i32'>;
  readonly unescape: FunctionRef<'i32'>;
}

/** Powers of two of the sizes of values. */
const SHIFT = { bits: 0, i32: 2, i64: 3, f64: 3, view: 4 } as const;

/**
 * Variables of the function that is being written, and the place where reading stands: {@link at}
 * and a number of bytes behind it that is known while the code is written.
 */
export class RowCode {
  readonly f: FunctionBuilder;
  readonly at: Local<'i32'>;
  readonly row: Local<'i32'>;
  readonly block: Local<'i32'>;
  readonly heapAt: Local<'i32'>;
  readonly heapStart: Local<'i32'>;
  readonly heapEnd: Local<'i32'>;
  /** Branch here when the row is not plain. */
  readonly slow: Label;
  readonly helpers: Helpers;

  // Scratch of the code of a value.
  readonly word: Local<'i64'>;
  readonly marks: Local<'i64'>;
  readonly value: Local<'i64'>;
  readonly fraction: Local<'i64'>;
  readonly count: Local<'i32'>;
  readonly places: Local<'i32'>;
  readonly isNegative: Local<'i32'>;
  readonly length: Local<'i32'>;
  readonly target: Local<'i32'>;
  readonly stops: Local<'i32'>;
  readonly end: Local<'i32'>;
  readonly point: Local<'i32'>;
  readonly vector: Local<'v128'>;
  readonly digits: Local<'v128'>;
  readonly isDigit: Local<'v128'>;

  /** All bytes that were near a text, so far: an upper bit says that one was not ASCII. */
  readonly seen: Local<'v128'>;

  #ahead = 0;
  readonly #schema: Schema;
  readonly #timeColumn: number;
  readonly #minutes: ReadonlyMap<number, LastMinute>;
  readonly #values: readonly Local<'i32'>[];

  constructor(
    f: FunctionBuilder,
    { schema, timeColumn }: RowModule,
    { slow, helpers, variables }: { slow: Label; helpers: Helpers; variables: RowVariables },
  ) {
    this.f = f;
    this.slow = slow;
    this.helpers = helpers;
    this.at = variables.at;
    this.row = variables.row;
    this.block = variables.block;
    this.heapAt = variables.heapAt;
    this.heapStart = variables.heapStart;
    this.heapEnd = variables.heapEnd;
    this.#values = variables.values;
    this.#minutes = variables.minutes;
    this.#schema = schema;
    this.#timeColumn = timeColumn;
    this.word = f.local('i64');
    this.marks = f.local('i64');
    this.value = f.local('i64');
    this.fraction = f.local('i64');
    this.count = f.local('i32');
    this.places = f.local('i32');
    this.isNegative = f.local('i32');
    this.length = f.local('i32');
    this.target = f.local('i32');
    this.stops = f.local('i32');
    this.end = f.local('i32');
    this.point = f.local('i32');
    this.vector = f.local('v128');
    this.digits = f.local('v128');
    this.isDigit = f.local('v128');
    this.seen = variables.seen;
  }

  typeOf(column: number): DataType {
    return this.#schema[column]!.type;
  }

  /** Address of the values of a column. */
  values(column: number): I32 {
    return this.#values[column]!;
  }

  /** Address of the row's value. */
  cell(column: number): I32 {
    const shift = SHIFT[storageOf(this.typeOf(column))];
    return i32.add(this.values(column), i32.shl(this.row, i32.const(shift)));
  }

  /** What the code of a timestamp remembers of the row before. */
  lastMinute(column: number): LastMinute {
    return this.#minutes.get(column)!;
  }

  /** How far behind `at` reading stands. */
  get ahead(): number {
    return this.#ahead;
  }

  /** The address where reading stands. */
  place(): I32 {
    return this.#ahead === 0 ? this.at : i32.add(this.at, i32.const(this.#ahead));
  }

  /** The byte at hand, or behind it. */
  byte(offset = 0): I32 {
    return i32.load8U(this.at, { offset: this.#ahead + offset });
  }

  word16(offset = 0): I32 {
    return i32.load16U(this.at, { offset: this.#ahead + offset });
  }

  word32(offset = 0): I32 {
    return i32.load(this.at, { offset: this.#ahead + offset });
  }

  word64(offset = 0): I64 {
    return i64.load(this.at, { offset: this.#ahead + offset });
  }

  bytes16(offset = 0): V128 {
    return v128.load(this.at, { offset: this.#ahead + offset });
  }

  /** A character 16 times. */
  splat(code: number): V128 {
    return v128.load(this.block, { offset: splatAt(code) });
  }

  /** A vector of the block's tables. */
  table(offset: number, index?: I32): V128 {
    return v128.load(index === undefined ? this.block : i32.add(this.block, index), { offset });
  }

  /** Leaves the row to TypeScript if the condition holds. */
  slowIf(condition: I32): void {
    this.f.branchIf(this.slow, condition);
  }

  /** Moves on by a number of bytes that is known: costs nothing when the code runs. */
  moveBy(bytes: number): void {
    this.#ahead += bytes;
  }

  /** Moves on. */
  advance(by: I32): void {
    this.f.set(this.at, i32.add(this.place(), by));
    this.#ahead = 0;
  }

  /** Goes on reading at an address. */
  moveTo(address: I32): void {
    this.f.set(this.at, address);
    this.#ahead = 0;
  }

  /** Makes `at` the place where reading stands. */
  settle(): void {
    if (this.#ahead > 0) this.moveTo(this.place());
  }

  /** Two ways to read on, the likely one first. */
  either(condition: I32, likely: () => void, other: () => void): void {
    const before = this.#ahead;
    let after = 0;
    this.f.if(
      condition,
      () => {
        likely();
        after = this.#ahead;
        this.#ahead = before;
      },
      () => {
        other();
        if (this.#ahead !== after) this.f.increase(this.at, this.#ahead - after);
      },
    );
    this.#ahead = after;
  }

  /** Makes the row's value null. */
  setNull(column: number): void {
    // A row without its event time is refused: by TypeScript.
    if (column === this.#timeColumn) this.f.branch(this.slow);
    const words = i32.add(this.block, i32.const(columnAt(column)));
    this.f.do(perform(this.helpers.setNull, this.block, words, this.row));
  }
}

/** The minute that a timestamp had last. */
export interface LastMinute {
  /** Its bytes `YYYY-MM-DDTHH:MM`. */
  readonly bytes: Local<'v128'>;
  /** When it began, in microseconds; see `emitStartOfMinute`. */
  readonly startUs: Local<'i64'>;
}

interface RowVariables {
  readonly at: Local<'i32'>;
  readonly row: Local<'i32'>;
  readonly block: Local<'i32'>;
  readonly heapAt: Local<'i32'>;
  readonly heapStart: Local<'i32'>;
  readonly heapEnd: Local<'i32'>;
  readonly seen: Local<'v128'>;
  readonly values: readonly Local<'i32'>[];
  readonly minutes: ReadonlyMap<number, LastMinute>;
}

/** What a decoding module is made for. */
export interface RowModule {
  readonly schema: Schema;
  readonly timeColumn: number;
  readonly escaping: Escaping;
  /** Writes the code that reads one row and moves behind its line end. */
  emitRow(code: RowCode): void;
}

/** The name of the function that modules export. */
export const DECODE = 'decode';

/**
 * The bytes of a module. `decode(at, to, row, rowEnd, block)` reads plain rows from `at`, writes them
 * from `row` on, and returns the row behind the last; at least one must have room, and `at < to`.
 */
export function buildRowModule(plan: RowModule): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  const helpers = {
    setNull: emitSetNull(module),
    startOfMinute: emitStartOfMinute(module),
    longNumber: emitLongNumber(module),
    longFloat: emitLongFloat(module),
    unescape: emitUnescape(module, plan.escaping),
  };
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => emitRows(f, plan, helpers),
    DECODE,
  );
  return module.build();
}

function emitRows(f: FunctionBuilder, plan: RowModule, helpers: Helpers): void {
  const at = f.param(0, 'i32');
  const to = f.param(1, 'i32');
  const row = f.param(2, 'i32');
  const rowEnd = f.param(3, 'i32');
  const block = f.param(4, 'i32');
  const word = (position: number) => f.let(i32.load(block, { offset: 4 * position }));
  const heapAt = word(Word.HEAP_AT);
  const variables: RowVariables = {
    at,
    row,
    block,
    heapAt,
    heapStart: word(Word.HEAP_START),
    heapEnd: word(Word.HEAP_END),
    seen: f.local('v128'),
    values: plan.schema.map((_, c) =>
      f.let(i32.load(block, { offset: columnAt(c) + ColumnWord.VALUES })),
    ),
    minutes: new Map(
      plan.schema.flatMap(({ type }, c) => (type.kind === 'timestamp' ? [[c, noMinute(f)]] : [])),
    ),
  };
  const hasText = plan.schema.some(({ type }) => type.kind === 'string');
  const oddMask = word(Word.ODD_TEXT);
  const isOdd = i32.and(i8x16.bitmask(variables.seen), oddMask);
  /** As of the last whole row. */
  const from = f.let(at);
  const heapKept = f.let(heapAt);
  f.block((slow) => {
    const code = new RowCode(f, plan, { slow, helpers, variables });
    f.loop((again) => {
      plan.emitRow(code);
      code.settle();
      // A line feed at `to` is not the file's.
      code.slowIf(i32.gtU(at, to));
      if (hasText) code.slowIf(isOdd);
      f.set(from, at);
      f.set(heapKept, heapAt);
      f.increase(row, 1);
      f.branchIf(again, i32.and(i32.ltU(row, rowEnd), i32.ltU(at, to)));
    });
  });
  f.do(
    i32.store(block, from, { offset: 4 * Word.AT }),
    i32.store(block, heapKept, { offset: 4 * Word.HEAP_AT }),
    i32.store(block, isOdd, { offset: 4 * Word.ODD_TEXT }),
  );
  f.return(row);
}

function noMinute(f: FunctionBuilder): LastMinute {
  return { bytes: f.local('v128'), startUs: f.let(i64.const(NO_TIME)) };
}

/** `Column.setNull`, of a row that is not null yet. */
function emitSetNull(module: ModuleBuilder): FunctionRef<undefined> {
  return module.function({ params: ['i32', 'i32', 'i32'], result: undefined }, (f) => {
    const block = f.param(0, 'i32');
    const words = f.param(1, 'i32');
    const row = f.param(2, 'i32');
    const validity = f.let(i32.load(words, { offset: ColumnWord.VALIDITY }));
    const nulls = f.let(i32.load(words, { offset: ColumnWord.NULL_COUNT }));
    f.if(i32.eqz(nulls), () => {
      const bytes = i32.load(block, { offset: 4 * Word.VALIDITY_BYTES });
      f.do(bulk.fill(validity, i32.const(0xff), bytes));
    });
    const byteAt = f.let(i32.add(validity, i32.shrU(row, i32.const(3))));
    const others = i32.xor(i32.shl(i32.const(1), i32.and(row, i32.const(7))), i32.const(-1));
    f.do(
      i32.store8(byteAt, i32.and(i32.load8U(byteAt), others)),
      i32.store(words, i32.add(nulls, i32.const(1)), { offset: ColumnWord.NULL_COUNT }),
    );
  });
}
