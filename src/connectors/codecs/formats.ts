/** File formats and their codecs. @module */

import type { Schema } from '../../core/schema.ts';
import type { FileFormat } from '../../core/topology/model.ts';
import type { RowEncoder } from '../../rows/encode/row-encoder.ts';
import type { Decoder, DecoderContext } from './codec.ts';
import { CsvRowParser } from './csv/decode.ts';
import { CsvEncoder } from '../../rows/encode/csv.ts';
import { JsonlRowParser } from './jsonl/decode.ts';
import { JsonlEncoder } from '../../rows/encode/jsonl.ts';
import { RowDecoder } from './row-decoder.ts';

/** A decoder for one file of a format. */
export function createDecoder(format: FileFormat, context: DecoderContext): Decoder {
  const parser =
    format.kind === 'csv' ? new CsvRowParser(format, context) : new JsonlRowParser(context);
  return new RowDecoder(parser, context);
}

/** An encoder for one file of a format. */
export function createEncoder(format: FileFormat, schema: Schema): RowEncoder {
  return format.kind === 'csv' ? new CsvEncoder(format, schema) : new JsonlEncoder(schema);
}
