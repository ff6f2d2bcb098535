/** The text of one value, as it stands between two delimiters of a CSV line. @module */

import type { Column } from '../../core/column.ts';
import { writeBase64 } from './base64.ts';
import type { ByteWriter } from './byte-writer.ts';
import { durationToText } from './duration.ts';
import { decodeJson, jsonText } from './json.ts';
import {
  writeDecimal,
  writeFloat,
  writeInt64,
  writeInteger,
  writeTimestamp,
} from './number-format.ts';

/** Writes the text of a row that is not null, without quotes. */
export function writeCell(out: ByteWriter, column: Column, row: number): void {
  const { type } = column;
  switch (type.kind) {
    case 'string':
      out.copy(column.viewSource(row), column.viewStart(row), column.viewLength(row));
      break;
    case 'int32':
      writeInteger(out, column.words[row]!);
      break;
    case 'int64':
      writeInt64(out, column, row);
      break;
    case 'float64':
      writeFloat(out, column.f64[row]!);
      break;
    case 'decimal':
      writeDecimal(out, column, row, type.scale);
      break;
    case 'timestamp':
      writeTimestamp(out, column, row);
      break;
    case 'bool':
      out.ascii(column.getBool(row) ? 'true' : 'false');
      break;
    case 'duration':
      out.ascii(durationToText(column.i64[row]!));
      break;
    case 'bytes':
      writeBase64(out, column.viewSource(row), column.viewStart(row), column.viewLength(row));
      break;
    case 'json':
      writeJsonText(out, column, row);
      break;
  }
}

/** Writes a json row as JSON text. */
export function writeJsonText(out: ByteWriter, column: Column, row: number): void {
  const start = column.viewStart(row);
  const bytes = column.viewSource(row).subarray(start, start + column.viewLength(row));
  out.text(jsonText(decodeJson(bytes)));
}
