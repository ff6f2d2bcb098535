/**
 * Question: what does a row cost in an aggregate by a string?
 *
 * COUNT(*) and SUM of a float64, by channels, which lie in their views, and by URLs of about 50 bytes,
 * which lie in a heap. The table is warm, see `aggregate.ts`. The answer is the groups, the rows, the
 * sum, and the sums weighted by the last byte of the key.
 *
 * @module
 */

import { op } from 'arquero';
import type { Batch } from '../../../src/core/batch.ts';
import { tellWatermark } from '../../../src/core/kernel-calls.ts';
import { FLOAT64, STRING } from '../../../src/core/types.ts';
import { arqueroSubject } from '../arquero-peer.ts';
import { joinBytes } from '../batches.ts';
import type { KernelCase, PreparedCase } from '../case.ts';
import {
  allocateBatches,
  CountingOutbox,
  makeKernel,
  planOperators,
  workerMemory,
} from '../millrace.ts';
import { randomNumbers } from '../random.ts';
import { type Answer, type KernelSubject, loopSubject } from '../subject.ts';
import { BATCH_ROWS, type Workshop } from '../workshop.ts';
import { complete } from '../../shared/one-kernel.ts';

interface Input {
  readonly k: readonly string[];
  readonly x: Float64Array;
}

class AnswerOfTexts {
  readonly numbers = [0, 0, 0, 0];

  add(lastByte: number, rows: number, sum: number): void {
    const { numbers } = this;
    numbers[0]!++;
    numbers[1]! += rows;
    numbers[2]! += sum;
    numbers[3]! += sum * lastByte;
  }
}

const lastByteOf = (text: string): number => text.charCodeAt(text.length - 1);

function expectedOf({ k, x }: Input): Answer {
  const answer = new AnswerOfTexts();
  for (const [key, rows] of Map.groupBy(k.keys(), (row) => k[row]!)) {
    const sum = rows.reduce((total, row) => total + x[row]!, 0);
    answer.add(lastByteOf(key), rows.length, sum);
  }
  return answer.numbers;
}

const HEAP_BYTES = BATCH_ROWS * 64;

function millraceBatches({ k, x }: Input, memory: ReturnType<typeof workerMemory>): Batch[] {
  const schema = [
    { name: 'k', type: STRING },
    { name: 'x', type: FLOAT64 },
  ];
  const stream = { schema, hasTime: true };
  const batches = allocateBatches(memory, stream, k.length / BATCH_ROWS, HEAP_BYTES);
  for (const [b, batch] of batches.entries()) {
    for (let i = 0; i < BATCH_ROWS; i++) {
      const row = b * BATCH_ROWS + i;
      const bytes = Buffer.from(k[row]!);
      if (!batch.columns[0]!.setView(i, bytes, 0, bytes.length)) throw new Error('heap too small');
      batch.columns[1]!.f64[i] = x[row]!;
      batch.setTimeUs(i, row);
    }
    batch.setRowCount(BATCH_ROWS);
  }
  return batches;
}

async function millraceSubject(
  batches: readonly Batch[],
  memory: ReturnType<typeof workerMemory>,
): Promise<KernelSubject> {
  const plan = planOperators(
    { in: { schema: { ts: 'timestamp', k: 'string', x: 'float64' }, time: 'ts' } },
    {
      columns: { type: 'map', input: 'in', select: { k: 'k', x: 'x' } },
      groups: {
        type: 'aggregate',
        input: 'columns',
        groupBy: ['k'],
        window: { type: 'tumbling', size: '36500d' },
        select: { n: 'COUNT(*)', s: 'SUM(x)' },
      },
    },
  ).get('groups')!;
  const kernel = await makeKernel('groups', plan, memory);
  const out = new CountingOutbox(plan, memory);
  const { schema } = plan.outputs[0]!.stream;
  let passes = 0;
  const pass = (): void => {
    for (let b = 0; b < batches.length; b++) kernel.onBatch(0, batches[b]!, out);
    passes++;
  };
  const answer = (): Answer => {
    const groups = new AnswerOfTexts();
    out.take = ({ columns, selected }) => {
      const [key, n, s] = ['k', 'n', 's'].map(
        (name) => columns[schema.findIndex((field) => field.name === name)]!,
      );
      for (let row = 0; row < selected; row++) {
        const end = key!.viewStart(row) + key!.viewLength(row);
        const lastByte = key!.viewSource(row)[end - 1]!;
        groups.add(lastByte, n!.getI64AsNumber(row) / passes, s!.f64[row]! / passes);
      }
    };
    complete(kernel, out, tellWatermark(kernel, 0, Infinity, out));
    return groups.numbers;
  };
  return loopSubject('millrace', batches.length * BATCH_ROWS, pass, answer);
}

/** The columns as C++ reads them: the views of all batches over one heap. */
function columnsOf(batches: readonly Batch[], x: Float64Array): Record<string, ArrayBufferView> {
  const heaps = batches.map(({ heap }) => heap.bytes.slice(0, heap.used));
  let before = 0;
  const views = batches.map((batch, b) => {
    const words = batch.columns[0]!.words.slice();
    for (let row = 0; row < BATCH_ROWS; row++)
      if (words[4 * row]! > 12) words[4 * row + 3]! += before;
    before += heaps[b]!.length;
    return new Uint8Array(words.buffer);
  });
  return { k: joinBytes(views), heap: joinBytes(heaps), x };
}

/** On an array of strings, which is how a program has them. */
function mapSubject({ k, x }: Input): KernelSubject {
  const table = new Map<string, { n: number; s: number }>();
  let passes = 0;
  const pass = (): void => {
    for (let row = 0; row < k.length; row++) {
      const group = table.get(k[row]!);
      if (group === undefined) {
        table.set(k[row]!, { n: 1, s: x[row]! });
      } else {
        group.n++;
        group.s += x[row]!;
      }
    }
    passes++;
  };
  const answer = (): Answer => {
    const groups = new AnswerOfTexts();
    for (const [key, { n, s }] of table) groups.add(lastByteOf(key), n / passes, s / passes);
    return groups.numbers;
  };
  return loopSubject('javascript-map', k.length, pass, answer);
}

function arqueroGroups({ k, x }: Input): KernelSubject {
  return arqueroSubject(
    { k, x },
    (table) => table.groupby('k').rollup({ n: op.count(), s: op.sum('x') }),
    (result) => {
      const groups = new AnswerOfTexts();
      for (const { k, n, s } of result.objects() as { k: string; n: number; s: number }[]) {
        groups.add(lastByteOf(k), n, s);
      }
      return groups.numbers;
    },
  );
}

const GROUPS = '(SELECT k, count(*) n, sum(x) s FROM $table GROUP BY k)';

function textCase(label: string, keys: number, textOf: (key: number) => string): KernelCase {
  const prepare = async (workshop: Workshop): Promise<PreparedCase> => {
    // Batches enough to meet most of the keys.
    const rows = Math.max(workshop.rows, workshop.rowsFor(keys));
    const random = randomNumbers(2026);
    const k = Array.from({ length: rows }, () => textOf(Math.floor(random() * keys)));
    const x = Float64Array.from({ length: rows }, () => Math.floor(random() * 1000) / 8);
    const input = { k, x };
    const memory = workerMemory();
    const batches = millraceBatches(input, memory);
    const folder = workshop.writeColumns(columnsOf(batches, x));
    return {
      expected: expectedOf(input),
      subjects: [
        await millraceSubject(batches, memory),
        ...(await workshop.cpp('aggregate', [folder, 'views'], rows)),
        mapSubject(input),
        ...(await workshop.duckdb(
          { k: { type: 'VARCHAR', values: k }, x: { type: 'DOUBLE', values: x } },
          `SELECT count(*), sum(n), sum(s) FROM ${GROUPS}`,
          `SELECT count(*), sum(n), sum(s), sum(s * ascii(right(k, 1))) FROM ${GROUPS}`,
          ([groups, ...sums], repeats) => [groups!, ...sums.map((sum) => sum / repeats)],
        )),
        arqueroGroups(input),
      ],
    };
  };
  return { name: `aggregate ${label}`, program: 'aggregate', prepare };
}

/** Short strings, and long ones. */
export const aggregateTextCases: readonly KernelCase[] = [
  textCase('10k strings of 12 bytes', 10_000, (key) => `channel-${String(key).padStart(4, '0')}`),
  textCase(
    '100k strings of 50 bytes',
    100_000,
    (key) => `https://www.nexmark.com/item.htm?query=${String(key * 9973).padStart(11, '0')}`,
  ),
];
