/**
 * Code that reads rows of CSV. Plain is: as many fields as there ought to be, no line end inside
 * quotes, numbers and times without quotes, no doubled quotes in fields that no column wants.
 *
 * @module
 */

import type { Schema } from '../../../core/schema.ts';
import { i32 } from '../../../wasm/index.ts';
import type { I32 } from '../../../wasm/index.ts';
import type { Notation } from './numbers.ts';
import type { RowCode } from './row-code.ts';
import { buildRowModule } from './row-code.ts';
import type { TextEnds } from './text.ts';
import { anyOf, emitEscapedText, emitSkippedText, emitText, textStart } from './text.ts';
import { emitIsoTimestamp } from './timestamp.ts';
import { emitColumnValue } from './values.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CR_LF = 0x0a0d;
const QUOTE = 0x22;
const TWO_QUOTES = 0x2222;
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
    escaping: 'doubled quote',
    emitRow(c) {
      targets.forEach((column, field) => {
        const isLast = field === targets.length - 1;
        if (column < 0) emitSkipped(c, fieldEnds(rows, isLast));
        else emitField(c, column, rows, isLast);
        if (!isLast) {
          c.slowIf(i32.ne(c.byte(), i32.const(rows.delimiter)));
          c.moveBy(1);
        }
      });
      emitLineEnd(c);
    },
  });
}

function emitLineEnd(c: RowCode): void {
  c.either(
    i32.eq(c.byte(), i32.const(LINE_FEED)),
    () => c.moveBy(1),
    () => {
      c.slowIf(i32.ne(c.word16(), i32.const(CR_LF)));
      c.moveBy(2);
    },
  );
}

const isQuote = (c: RowCode): I32 => i32.eq(c.byte(), i32.const(QUOTE));

/** Reads what is between quotes; what follows the closing one has to be the end of the field. */
function emitQuoted(c: RowCode, inside: () => void): void {
  c.moveBy(1);
  inside();
  c.slowIf(i32.eqz(isQuote(c)));
  c.moveBy(1);
}

const quoted: TextEnds = { ends: anyOf([QUOTE]), refused: anyOf([LINE_FEED]) };

/** How a field without quotes ends, the last of a line or another. */
function fieldEnds({ delimiter }: CsvRows, isLast: boolean): TextEnds {
  const lineEnds = anyOf([LINE_FEED, CARRIAGE_RETURN]);
  const ends = anyOf([delimiter]);
  return isLast ? { ends: lineEnds, refused: ends } : { ends, refused: lineEnds };
}

function emitSkipped(c: RowCode, ends: TextEnds): void {
  c.either(
    i32.eqz(isQuote(c)),
    () => emitSkippedText(c, ends),
    () => emitQuoted(c, () => emitSkippedText(c, quoted)),
  );
}

function emitQuotedText(c: RowCode, column: number): void {
  const start = textStart(c);
  emitText(c, column, quoted);
  const isDoubled = i32.eq(c.word16(), i32.const(TWO_QUOTES));
  c.f.if(isDoubled, () => emitEscapedText(c, column, start));
}

function emitField(c: RowCode, column: number, rows: CsvRows, isLast: boolean): void {
  const { nullText } = rows;
  if (nullText.length === 0) {
    emitValue(c, column, rows, isLast);
    return;
  }
  c.either(
    i32.eqz(isNullText(c, rows)),
    () => emitValue(c, column, rows, isLast),
    () => {
      c.setNull(column);
      c.moveBy(nullText.length);
    },
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

function emitValue(c: RowCode, column: number, rows: CsvRows, isLast: boolean): void {
  const hasEmptyNull = rows.nullText.length === 0;
  const notation: Notation = {
    allowsLeadingZeros: true,
    followers: fieldEnds(rows, isLast).ends,
    emitOther() {
      // What is not empty is not followed by the end of a field, where the row turns out slow.
      if (hasEmptyNull) c.setNull(column);
      else c.f.branch(c.slow);
    },
  };
  emitColumnValue(c, column, notation, {
    emitString: () =>
      c.either(
        i32.eqz(isQuote(c)),
        () =>
          emitText(
            c,
            column,
            fieldEnds(rows, isLast),
            hasEmptyNull ? () => c.setNull(column) : undefined,
          ),
        () => emitQuoted(c, () => emitQuotedText(c, column)),
      ),
    isTimeText: () => i32.eq(c.byte(4), i32.const(MINUS)),
    emitTimeText: () => emitIsoTimestamp(c, column),
  });
}
