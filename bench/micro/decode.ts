/**
 * How fast do CSV and JSON Lines become columns, and columns text again, on one thread?
 *
 * Rows are bids of an auction: a timestamp, three integers, a float, a channel and a URL. The answer
 * is checked: count, sums and text lengths of the decoded columns against the generated values.
 *
 *     node bench/micro/decode.ts [megabytes]
 *
 * @module
 */

import { Batch } from '../../src/core/batch.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import type { Schema } from '../../src/core/schema.ts';
import type { FileFormat } from '../../src/core/topology/model.ts';
import { parseTypeName } from '../../src/core/types.ts';
import { createDecoder, createEncoder } from '../../src/connectors/codecs/formats.ts';
import {
  BLOCK_BYTES,
  InputWindow,
  ROW_LIMIT_BYTES,
} from '../../src/connectors/codecs/input-window.ts';
import { ByteWriter } from '../../src/rows/values/byte-writer.ts';

const megabytes = Number(process.argv[2] ?? 32);
const ROUNDS = 5;

const schema: Schema = Object.entries({
  ts: 'timestamp',
  auction: 'int64',
  bidder: 'int64',
  price: 'float64',
  quantity: 'int32',
  channel: 'string',
  url: 'string',
}).map(([name, type]) => ({ name, type: parseTypeName(type)! }));

const csv: FileFormat = { kind: 'csv', delimiter: ',', nullText: '', header: true };
const jsonl: FileFormat = { kind: 'jsonl' };

/** What decoding must find. */
interface Totals {
  rows: number;
  auctions: number;
  prices: number;
  textBytes: number;
  lastTimeUs: number;
}

const noTotals = (): Totals => ({ rows: 0, auctions: 0, prices: 0, textBytes: 0, lastTimeUs: 0 });

/** Input of about `bytes` bytes, and its totals. */
function makeInput(format: FileFormat, bytes: number): { input: Uint8Array; totals: Totals } {
  const lines: string[] = format.kind === 'csv' ? [`${schema.map((f) => f.name).join()}\n`] : [];
  const totals = noTotals();
  let state = 12345;
  const random = (n: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 4294967296) * n);
  };
  let length = 0;
  while (length < bytes) {
    const ms = 1_767_225_600_000 + totals.rows;
    const auction = 1_000_000 + random(900_000);
    const price = random(10_000_000) / 100;
    const channel = ['Google', 'Facebook', 'Baidu', `channel-${random(10_000)}`][random(4)]!;
    const url = `https://www.nexmark.com/item.htm?query=${random(1_000_000)}&channel_id=${random(9999)}`;
    const ts = new Date(ms).toISOString();
    const bidder = random(2_000_000_000);
    const quantity = random(100);
    const line =
      format.kind === 'csv'
        ? `${ts},${auction},${bidder},${price},${quantity},${channel},${url}\n`
        : `${JSON.stringify({ ts, auction, bidder, price, quantity, channel, url })}\n`;
    lines.push(line);
    length += line.length;
    totals.rows++;
    totals.auctions += auction;
    totals.prices += price;
    totals.textBytes += channel.length + url.length;
    totals.lastTimeUs = ms * 1000;
  }
  return { input: new TextEncoder().encode(lines.join('')), totals };
}

/** Decodes the whole input and hands each batch to `take`. */
function decodeAll(format: FileFormat, input: Uint8Array, take: (batch: Batch) => void): void {
  const memory = KernelMemory.create(8 << 20);
  const batch = Batch.allocate(layoutBatch({ schema, hasTime: false }, 4096, 1 << 20), memory);
  const window = new InputWindow(BLOCK_BYTES, ROW_LIMIT_BYTES, memory);
  const decoder = createDecoder(format, {
    node: 'bench',
    file: 'bench',
    schema,
    memory,
    timeColumn: 0,
    canReject: () => true,
    reject: (row) => {
      throw new Error(`line ${row.line}: ${row.message}`);
    },
  });
  let offset = 0;
  for (;;) {
    const progress = decoder.decode(window, batch);
    if (progress === 'batch' || window.isLast) {
      take(batch);
      batch.reset();
      if (progress === 'input') return;
    } else if (offset === input.length) {
      window.end();
    } else {
      const room = window.makeRoom();
      const count = Math.min(room.length, input.length - offset);
      room.set(input.subarray(offset, offset + count));
      window.filled(count);
      offset += count;
    }
  }
}

function addUp(totals: Totals, batch: Batch): void {
  const [ts, auction, , price, , channel, url] = batch.columns;
  for (let row = 0; row < batch.rowCount; row++) {
    totals.auctions += auction!.getI64AsNumber(row);
    totals.prices += price!.f64[row]!;
    totals.textBytes += channel!.viewLength(row) + url!.viewLength(row);
  }
  totals.rows += batch.rowCount;
  if (batch.rowCount > 0) totals.lastTimeUs = ts!.getI64AsNumber(batch.rowCount - 1);
}

function report(
  name: string,
  bytes: number,
  rows: number,
  times: number[],
  checked: boolean,
): void {
  const best = Math.min(...times);
  const line = {
    bench: 'decode',
    case: name,
    megabytesPerSecond: Math.round(bytes / 1e3 / best),
    nsPerRow: Math.round((best * 1e6) / rows),
    events: rows,
    checked,
  };
  console.log(JSON.stringify(line));
  if (!checked) process.exitCode = 1;
}

for (const format of [csv, jsonl]) {
  const { input, totals } = makeInput(format, megabytes * 1e6);
  const times: number[] = [];
  let checked = true;
  for (let round = 0; round < ROUNDS; round++) {
    const found = noTotals();
    const start = performance.now();
    decodeAll(format, input, (batch) => addUp(found, batch));
    times.push(performance.now() - start);
    checked &&= JSON.stringify(found) === JSON.stringify(totals);
  }
  report(`decode ${format.kind}`, input.length, totals.rows, times, checked);

  const encodeTimes: number[] = [];
  let same = true;
  for (let round = 0; round < ROUNDS; round++) {
    const encoder = createEncoder(format, schema);
    const out = new ByteWriter(4 << 20);
    encoder.writeHeader(out);
    let at = 0;
    let spent = 0;
    const compare = (): void => {
      same &&=
        Buffer.compare(out.bytes.subarray(0, out.length), input.subarray(at, at + out.length)) ===
        0;
      at += out.length;
      out.clear();
    };
    decodeAll(format, input, (batch) => {
      const start = performance.now();
      for (let row = 0; row < batch.rowCount; row++) encoder.writeRow(out, batch.columns, row);
      spent += performance.now() - start;
      compare();
    });
    encodeTimes.push(spent);
    same &&= at === input.length;
  }
  report(`encode ${format.kind}`, input.length, totals.rows, encodeTimes, same);
}
