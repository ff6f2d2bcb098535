/**
 * Question: how fast do CSV and JSON Lines become columns?
 *
 * Rows are bids of an auction: a timestamp, three integers, a float, a channel and a URL. The answer
 * is the number of rows, the sums of the numbers, and the bytes of the strings.
 *
 * Peers end with columns too: numbers in typed arrays, strings in an array. `json-parse` parses line
 * by line; `javascript` splits text; csv-parse and papaparse are used as their manuals say.
 *
 * @module
 */

import { join } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { layoutBatch } from '../../../src/core/batch-layout.ts';
import { Batch } from '../../../src/core/batch.ts';
import type { Schema } from '../../../src/core/schema.ts';
import type { FileFormat } from '../../../src/core/topology/model.ts';
import { parseTypeName } from '../../../src/core/types.ts';
import type { Decoder } from '../../../src/connectors/codecs/codec.ts';
import { createDecoder } from '../../../src/connectors/codecs/formats.ts';
import {
  BLOCK_BYTES,
  InputWindow,
  ROW_LIMIT_BYTES,
} from '../../../src/connectors/codecs/input-window.ts';
import type { KernelCase, PreparedCase } from '../case.ts';
import { workerMemory } from '../millrace.ts';
import { randomNumbers } from '../random.ts';
import { type Answer, type KernelSubject, loopSubject } from '../subject.ts';
import { BATCH_ROWS, type Workshop } from '../workshop.ts';

const SCHEMA: Schema = Object.entries({
  ts: 'timestamp',
  auction: 'int64',
  bidder: 'int64',
  price: 'float64',
  quantity: 'int32',
  channel: 'string',
  url: 'string',
}).map(([name, type]) => ({ name, type: parseTypeName(type)! }));

const FORMATS = {
  csv: { kind: 'csv', delimiter: ',', nullText: '', header: true },
  jsonl: { kind: 'jsonl' },
} as const satisfies Record<string, FileFormat>;

const START_MS = Date.UTC(2026, 0, 1);

/** Rows; sums of times (µs from 2026 on), auctions, bidders, prices, quantities; bytes of strings. */
type Totals = [number, number, number, number, number, number, number];
const noTotals = (): Totals => [0, 0, 0, 0, 0, 0, 0];

interface Input {
  readonly text: Buffer;
  readonly rows: number;
  readonly expected: Totals;
}

/** Text of about `bytes` bytes. */
function makeInput(format: FileFormat, bytes: number): Input {
  const random = randomNumbers(12_345);
  const below = (bound: number): number => Math.floor(random() * bound);
  const lines = format.kind === 'csv' ? [`${SCHEMA.map(({ name }) => name).join()}\n`] : [];
  const expected = noTotals();
  for (let length = 0, row = 0; length < bytes; row++) {
    const ts = new Date(START_MS + row).toISOString();
    const auction = 1_000_000 + below(900_000);
    const bidder = below(2e9);
    const price = below(1e7) / 100;
    const quantity = below(100);
    const channel = ['Google', 'Facebook', 'Baidu', `channel-${below(10_000)}`][below(4)]!;
    const url = `https://www.nexmark.com/item.htm?query=${below(1e6)}&channel_id=${below(9999)}`;
    const line =
      format.kind === 'csv'
        ? `${ts},${auction},${bidder},${price},${quantity},${channel},${url}\n`
        : `${JSON.stringify({ ts, auction, bidder, price, quantity, channel, url })}\n`;
    lines.push(line);
    length += line.length;
    const values = [1, row * 1000, auction, bidder, price, quantity, channel.length + url.length];
    for (const [i, value] of values.entries()) expected[i]! += value;
  }
  return { text: Buffer.from(lines.join('')), rows: expected[0], expected };
}

/** Decodes the rows of a text again and again, as those of a long file. */
class RowsDecoder {
  readonly #rows: Uint8Array;
  readonly #window: InputWindow;
  readonly #decoder: Decoder;
  readonly #batch: Batch;

  constructor(format: FileFormat, text: Uint8Array) {
    const hasHeader = format.kind === 'csv';
    const memory = workerMemory();
    // Aligned, as the blocks of a file are: V8 copies odd bytes into shared memory one by one.
    this.#rows = new Uint8Array(text.subarray(hasHeader ? text.indexOf(0x0a) + 1 : 0));
    this.#window = new InputWindow(BLOCK_BYTES, ROW_LIMIT_BYTES, memory);
    const layout = layoutBatch({ schema: SCHEMA, hasTime: false }, BATCH_ROWS, 1 << 18);
    this.#batch = Batch.allocate(layout, memory);
    this.#decoder = createDecoder(hasHeader ? { ...format, header: false } : format, {
      node: 'bench',
      file: 'bench',
      schema: SCHEMA,
      memory,
      timeColumn: 0,
      canReject: () => true,
      reject: (row) => {
        throw new Error(`line ${row.line}: ${row.message}`);
      },
    });
  }

  /** Decodes all rows once, block by block, and hands on each batch. */
  pass(take: (batch: Batch) => void): void {
    const window = this.#window;
    for (let offset = 0; offset < this.#rows.length;) {
      const room = window.makeRoom();
      const count = Math.min(BLOCK_BYTES, this.#rows.length - offset);
      room.set(this.#rows.subarray(offset, offset + count));
      window.filled(count);
      offset += count;
      while (this.#decoder.decode(window, this.#batch) === 'batch') this.#hand(take);
    }
    this.#hand(take);
  }

  #hand(take: (batch: Batch) => void): void {
    take(this.#batch);
    this.#batch.reset();
  }
}

function millraceSubject(format: FileFormat, { text, rows }: Input): KernelSubject {
  const decoder = new RowsDecoder(format, text);
  const nobody = (): void => {};
  return loopSubject(
    'millrace',
    rows,
    () => decoder.pass(nobody),
    () => {
      const totals = noTotals();
      decoder.pass((batch) => addBatch(totals, batch));
      return totals;
    },
  );
}

function addBatch(totals: Totals, batch: Batch): void {
  const [ts, auction, bidder, price, quantity, channel, url] = batch.columns;
  for (let row = 0; row < batch.rowCount; row++) {
    totals[0]++;
    totals[1] += ts!.getI64AsNumber(row) - START_MS * 1000;
    totals[2] += auction!.getI64AsNumber(row);
    totals[3] += bidder!.getI64AsNumber(row);
    totals[4] += price!.f64[row]!;
    totals[5] += quantity!.words[row]!;
    totals[6] += channel!.viewLength(row) + url!.viewLength(row);
  }
}

/** Columns as a program would have them. */
class PlainColumns {
  readonly ts: Float64Array;
  readonly auction: Float64Array;
  readonly bidder: Float64Array;
  readonly price: Float64Array;
  readonly quantity: Int32Array;
  readonly channel: string[] = [];
  readonly url: string[] = [];

  constructor(rows: number) {
    this.ts = new Float64Array(rows);
    this.auction = new Float64Array(rows);
    this.bidder = new Float64Array(rows);
    this.price = new Float64Array(rows);
    this.quantity = new Int32Array(rows);
  }

  /** Takes a row's texts, in the order of the schema. */
  setTexts(row: number, texts: readonly string[]): void {
    this.ts[row] = Date.parse(texts[0]!);
    this.auction[row] = Number(texts[1]);
    this.bidder[row] = Number(texts[2]);
    this.price[row] = Number(texts[3]);
    this.quantity[row] = Number(texts[4]);
    this.channel[row] = texts[5]!;
    this.url[row] = texts[6]!;
  }

  totals(): Totals {
    const totals = noTotals();
    for (let row = 0; row < this.ts.length; row++) {
      totals[0]++;
      totals[1] += (this.ts[row]! - START_MS) * 1000;
      totals[2] += this.auction[row]!;
      totals[3] += this.bidder[row]!;
      totals[4] += this.price[row]!;
      totals[5] += this.quantity[row]!;
      totals[6] += this.channel[row]!.length + this.url[row]!.length;
    }
    return totals;
  }
}

/** A subject that makes columns of text, all at once. */
function textSubject(
  name: string,
  { text, rows }: Input,
  read: (text: string, into: PlainColumns) => void,
): KernelSubject {
  let last = new PlainColumns(0);
  const pass = (): void => {
    last = new PlainColumns(rows);
    read(text.toString('utf8'), last);
  };
  return loopSubject(name, rows, pass, () => last.totals());
}

interface Bid {
  readonly ts: string;
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly quantity: number;
  readonly channel: string;
  readonly url: string;
}

function readJsonLines(text: string, into: PlainColumns): void {
  const lines = text.split('\n');
  for (let row = 0; row < into.ts.length; row++) {
    const bid = JSON.parse(lines[row]!) as Bid;
    into.ts[row] = Date.parse(bid.ts);
    into.auction[row] = bid.auction;
    into.bidder[row] = bid.bidder;
    into.price[row] = bid.price;
    into.quantity[row] = bid.quantity;
    into.channel[row] = bid.channel;
    into.url[row] = bid.url;
  }
}

function readSplitLines(text: string, into: PlainColumns): void {
  const lines = text.split('\n');
  for (let row = 0; row < into.ts.length; row++) into.setTexts(row, lines[row + 1]!.split(','));
}

function readRows(records: readonly string[][], into: PlainColumns): void {
  for (let row = 0; row < into.ts.length; row++) into.setTexts(row, records[row]!);
}

/** What is used of papaparse, which has no types of its own. */
interface Papa {
  parse(text: string, config: { readonly skipEmptyLines: boolean }): { readonly data: string[][] };
}

async function textPeers(format: FileFormat, input: Input): Promise<KernelSubject[]> {
  if (format.kind === 'jsonl') return [textSubject('json-parse', input, readJsonLines)];
  // @ts-expect-error: no types
  const { default: papa } = (await import('papaparse')) as { default: Papa };
  return [
    textSubject('javascript', input, readSplitLines),
    textSubject('csv-parse', input, (text, into) =>
      readRows(parseCsv(text, { fromLine: 2 }), into),
    ),
    textSubject('papaparse', input, (text, into) =>
      readRows(papa.parse(text, { skipEmptyLines: true }).data.slice(1), into),
    ),
  ];
}

const DUCK_COLUMNS =
  "{'ts': 'TIMESTAMP', 'auction': 'BIGINT', 'bidder': 'BIGINT', 'price': 'DOUBLE', " +
  "'quantity': 'INTEGER', 'channel': 'VARCHAR', 'url': 'VARCHAR'}";

function duckReader(format: FileFormat, file: string): string {
  return format.kind === 'csv'
    ? `read_csv('${file}', header = true, columns = ${DUCK_COLUMNS})`
    : `read_json('${file}', format = 'newline_delimited', columns = ${DUCK_COLUMNS})`;
}

/** Sums over every column, so that all are decoded. */
const DUCK_TOTALS = `SELECT count(*), sum(epoch_us(ts) - ${START_MS * 1000}), sum(auction),
  sum(bidder), sum(price), sum(quantity), sum(strlen(channel) + strlen(url))`;

function formatCase(name: keyof typeof FORMATS): KernelCase {
  const format = FORMATS[name];
  const prepare = async (workshop: Workshop): Promise<PreparedCase> => {
    const input = makeInput(format, workshop.scale.textBytes);
    const file = join(workshop.writeColumns({ text: input.text }), 'text');
    const expected: Answer = input.expected;
    const query = `${DUCK_TOTALS} FROM ${duckReader(format, file)}`;
    return {
      expected,
      bytesPerRow: input.text.length / input.rows,
      subjects: [
        millraceSubject(format, input),
        ...(await workshop.cpp('decode', [name, file], input.rows)),
        ...(await textPeers(format, input)),
        ...(await workshop.duckdbOnFile(query, input.rows)),
      ],
    };
  };
  return { name: `decode ${name}`, program: 'decode', prepare };
}

/** Both formats. */
export const decodeCases: readonly KernelCase[] = [formatCase('csv'), formatCase('jsonl')];
