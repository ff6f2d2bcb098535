/**
 * Code that reads rows of CSV. Plain is: as many fields as there ought to be, no doubled quotes, no
 * line end inside quotes, numbers and times without quotes.
 *
 * @module
 */

import type { Schema } from '../../../core/schema.ts';
import { i32 } from '../../../wasm/index.ts';
import type { I32 } from '../../../wasm/index.ts';
import type { Notation } from './numbers.ts';
import {
  emitBool,
  emitDecimal,
  emitFloat64,
  emitInt32,
  emitInt64,
  emitMilliseconds,
} from './numbers.ts';
import type { RowCode } from './row-code.ts';
import { buildRowModule } from './row-code.ts';
import { anyOf, emitSkippedText, emitText } from './text.ts';
import { emitIsoTimestamp } from './timestamp.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CR_LF = 0x0a0d;
const QUOTE = 0x22;
const MINUS = 0x2d;

/** What is to be read. */
export interface CsvRows {
  readonly schema: Schema;
  readonly timeColumn: number;
  /** For each field of a line: its column, or -1. */
  readonly targets: readonly number[];
  /** A byte that occurs in no number and no timestamp. */
  readonly delimiter: number;
  readonly nullText: Uint8Array;
}

/** The bytes of a module that decodes such rows. */
export function buildCsvModule(rows: CsvRows): Uint8Array<ArrayBuffer> {
  const { schema, timeColumn, targets } = rows;
  return buildRowModule({
    schema,
    timeColumn,
    emitRow(c) {
      targets.forEach((column, field) => {
        if (column < 0) emitSkipped(c, rows);
        else emitField(c, column, rows);
        if (field < targets.length - 1) {
          c.slowIf(i32.ne(c.byte(), i32.const(rows.delimiter)));
          c.f.increase(c.at, 1);
        }
      });
      emitLineEnd(c);
    },
  });
}

function emitLineEnd(c: RowCode): void {
  c.f.if(
    i32.eq(c.byte(), i32.const(LINE_FEED)),
    () => c.f.increase(c.at, 1),
    () => {
      c.slowIf(i32.ne(i32.load16U(c.at), i32.const(CR_LF)));
      c.f.increase(c.at, 2);
    },
  );
}

const isQuote = (c: RowCode): I32 => i32.eq(c.byte(), i32.const(QUOTE));

/** Reads what is between quotes; what follows the closing one has to be the end of the field. */
function emitQuoted(c: RowCode, inside: () => void): void {
  c.f.increase(c.at, 1);
  inside();
  c.slowIf(i32.eqz(isQuote(c)));
  c.f.increase(c.at, 1);
}

const fieldStops = ({ delimiter }: CsvRows) => anyOf([delimiter, LINE_FEED, CARRIAGE_RETURN]);
const quotedStops = anyOf([QUOTE, LINE_FEED]);

function emitSkipped(c: RowCode, rows: CsvRows): void {
  c.f.if(
    isQuote(c),
    () => emitQuoted(c, () => emitSkippedText(c, quotedStops)),
    () => emitSkippedText(c, fieldStops(rows)),
  );
}

function emitField(c: RowCode, column: number, rows: CsvRows): void {
  const { nullText } = rows;
  if (nullText.length === 0) {
    emitValue(c, column, rows);
    return;
  }
  c.f.if(
    isNullText(c, rows),
    () => {
      c.setNull(column);
      c.f.increase(c.at, nullText.length);
    },
    () => emitValue(c, column, rows),
  );
}

/** Whether the field is the null text and nothing else. */
function isNullText(c: RowCode, { nullText, delimiter }: CsvRows): I32 {
  const end = c.byte(nullText.length);
  const isEnd = [delimiter, LINE_FEED, CARRIAGE_RETURN]
    .map((code) => i32.eq(end, i32.const(code)))
    .reduce((any, one) => i32.or(any, one));
  return [...nullText]
    .map((code, i) => i32.eq(c.byte(i), i32.const(code)))
    .reduce((all, one) => i32.and(all, one), isEnd);
}

function emitValue(c: RowCode, column: number, rows: CsvRows): void {
  const hasEmptyNull = rows.nullText.length === 0;
  const notation: Notation = {
    allowsLeadingZeros: true,
    emitOther() {
      // What is not empty is not followed by the end of a field, where the row turns out slow.
      if (hasEmptyNull) c.setNull(column);
      else c.f.branch(c.slow);
    },
  };
  const type = c.typeOf(column);
  switch (type.kind) {
    case 'string':
      return c.f.if(
        isQuote(c),
        () => emitQuoted(c, () => emitText(c, column, quotedStops)),
        () =>
          emitText(c, column, fieldStops(rows), hasEmptyNull ? () => c.setNull(column) : undefined),
      );
    case 'int32':
      return emitInt32(c, notation, column);
    case 'int64':
      return emitInt64(c, notation, column);
    case 'float64':
      return emitFloat64(c, notation, column);
    case 'decimal':
      return emitDecimal(c, notation, column, type);
    case 'bool':
      return emitBool(c, notation, column);
    case 'timestamp':
      return c.f.if(
        i32.eq(c.byte(4), i32.const(MINUS)),
        () => emitIsoTimestamp(c, column),
        () => emitMilliseconds(c, notation, column),
      );
    default:
      return notation.emitOther(c, column);
  }
}
