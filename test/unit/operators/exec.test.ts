/** Rows through processes, whose part plain functions play here: what goes in, what comes out, and how they end. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KernelFactory } from '../../../src/core/operator.ts';
import type { ProcessOutcome, RunningProcess } from '../../../src/core/process.ts';
import type { Schema } from '../../../src/core/schema.ts';
import { INT32, STRING } from '../../../src/core/types.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import { documentPlan } from '../../support/kernel/operator-nodes.ts';
import { type ClockedStep, runKernel, type RunResult } from '../../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'id', type: INT32 },
  { name: 'word', type: STRING },
];
const inputs = [{ name: 'in', schema: SCHEMA, hasTime: true }];
const row = (id: number, word: string): ClockedStep => ({
  port: 0,
  row: { values: [id, word], timeUs: id },
});

/** Lines in, text out: of a line, or (`undefined`) of the end. */
type Program = (line: string | undefined, at: number) => string;

/** Plays a program; its output comes in pieces of some bytes. */
class Played implements RunningProcess {
  readonly #program: Program;
  readonly #pieceBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #line = '';
  #lines = 0;
  #outcome: ProcessOutcome | undefined;
  waitingBytes = 0;

  constructor(program: Program, pieceBytes: number) {
    this.#program = program;
    this.#pieceBytes = pieceBytes;
  }

  get hasOutput(): boolean {
    return this.#pieces.length > 0;
  }

  get outcome(): ProcessOutcome | undefined {
    return this.hasOutput ? undefined : this.#outcome;
  }

  write(bytes: Uint8Array): void {
    const lines = (this.#line + new TextDecoder().decode(bytes)).split('\n');
    this.#line = lines.pop()!;
    for (const line of lines) if (this.#outcome === undefined) this.#run(line);
  }

  endInput(): void {
    if (this.#outcome !== undefined) return;
    this.#run(undefined);
    this.#outcome ??= { status: 0, how: 'exited with status 0', isTimeout: false, lastWords: '' };
  }

  #run(line: string | undefined): void {
    const output = this.#program(line, this.#lines++);
    const [text, status] = output.split('EXIT ');
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += this.#pieceBytes) {
      this.#pieces.push(bytes.subarray(at, at + this.#pieceBytes));
    }
    if (status === undefined) return;
    const how = `exited with status ${status}`;
    this.#outcome = { status: Number(status), how, isTimeout: false, lastWords: 'ouch\n' };
  }

  read(): Uint8Array | undefined {
    return this.#pieces.shift();
  }

  limit(): void {}

  kill(): void {}
}

const playing =
  (program: Program, pieceBytes = 7, starts: string[][] = []): KernelFactory =>
  (plan, context) =>
    createKernel(plan, {
      ...context,
      processes: async () => (command, args) => {
        starts.push([command, ...args]);
        return new Played(program, pieceBytes);
      },
    });

const planOf = (settings: object = {}) =>
  documentPlan(
    { type: 'exec', command: 'play', schema: { id: 'int32', text: 'string' }, ...settings },
    inputs,
  );

async function run(
  program: Program,
  script: readonly ClockedStep[],
  settings: object = {},
  starts: string[][] = [],
): Promise<RunResult> {
  const options = { rowCapacity: 64 };
  return await runKernel(playing(program, 7, starts), planOf(settings), script, options);
}

const rowsOf = ({ out }: RunResult, port = 0): unknown[][] =>
  out.rows(port).map(({ values }) => [...values]);

/** Answers each row by its id and its word, twice. */
const twice: Program = (line) => {
  if (line === undefined) return '';
  const { id, word } = JSON.parse(line) as { id: number; word: string };
  return `${JSON.stringify({ text: word + word, id })}\n`;
};
const words = ['ä', 'b', '', 'c"\n', 'long enough for a heap'];
const script = Array.from({ length: 150 }, (_, i) => row(i, words[i % 5]!));

describe('by row', () => {
  test('each row is answered by one, which has its event time', async () => {
    const starts: string[][] = [];
    const result = await run(twice, script, { args: ['-x'] }, starts);
    expect(result.out.rows().map(({ timeUs }) => timeUs)).toEqual(script.map((_, i) => i));
    expect(rowsOf(result)).toEqual(script.map((_, i) => [i, words[i % 5]! + words[i % 5]!]));
    expect(starts).toEqual([['play', '-x']]);
  });

  test('lines go in as CSV, and come so', async () => {
    const echo: Program = (line) => (line === undefined ? '' : `${line}\r\n`);
    const csv = { format: 'csv', delimiter: ';', nullText: 'NULL' };
    const given = [row(1, 'a;b'), row(2, 'NULL'), row(3, '')];
    expect(rowsOf(await run(echo, given, csv))).toEqual([
      [1, 'a;b'],
      [2, 'NULL'],
      [3, ''],
    ]);
  });

  test('a line that is no row is a row in error, others are not', async () => {
    const odd: Program = (line, at) => (at === 1 ? '{"id":"x"}\n' : twice(line, at));
    const given = [row(1, 'a'), row(2, 'b'), row(3, 'c')];
    const result = await run(odd, given, { onError: 'deadLetter' });
    expect(rowsOf(result).map(([id]) => id)).toEqual([1, 3]);
    const [[, code, message, , , , input]] = rowsOf(result, 1) as [unknown[]];
    expect([code, input]).toEqual(['ERR_PROCESS', expect.stringContaining('2')]);
    expect(message).toContain("the process gave no such row: column 'id'");
    await expect(run(odd, given)).rejects.toThrow('the process gave no such row');
  });

  test('rows without an answer are in error when it has ended, or are given to the next', async () => {
    const dying: Program = (line, at) =>
      at === 2 && line !== undefined ? 'EXIT 3' : twice(line, at);
    const given = Array.from({ length: 6 }, (_, i) => row(i, 'w'));
    const gone = await run(dying, given, { onError: 'deadLetter' });
    expect(rowsOf(gone).map(([id]) => id)).toEqual([0, 1]);
    const failed = rowsOf(gone, 1).map(([, , message]) => message);
    const why = 'no answer: the process exited with status 3 before its input ended; it said: ouch';
    expect(failed).toEqual([why, why, why, why]);
    const starts: string[][] = [];
    const all = await run(dying, given, { restarts: 2 }, starts);
    expect(rowsOf(all).map(([id]) => id)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(starts).toHaveLength(3);
    const some = await run(dying, given, { restarts: 1, onError: 'skip' });
    expect(rowsOf(some).map(([id]) => id)).toEqual([0, 1, 2, 3]);
    expect(some.errors).toBe(2);
  });

  test('what nobody has asked for ends the run, and so does a bad end', async () => {
    const chatty: Program = (line, at) => (line === undefined ? '' : twice(line, at) + 'hm\n');
    await expect(run(chatty, [row(1, 'a')])).rejects.toThrow(
      'the process gave a line that no row has asked for: "hm"',
    );
    const sour: Program = (line, at) => (line === undefined ? 'EXIT 4' : twice(line, at));
    const message = 'the process exited with status 4; it said: ouch';
    await expect(run(sour, [row(1, 'a')])).rejects.toThrow(message);
    const starts: string[][] = [];
    expect(rowsOf(await run(sour, [], {}, starts))).toEqual([]);
    expect(starts).toEqual([]);
  });
});

describe('by stream', () => {
  const counts: Program = (line, at) => (line === undefined ? `{"id":${at}}` : '');

  test('it says what it likes, also at its end and without a line end', async () => {
    const given = Array.from({ length: 200 }, (_, i) => row(i, 'w'));
    expect(rowsOf(await run(counts, given, { per: 'stream' }))).toEqual([[200, null]]);
    expect(rowsOf(await run(counts, [], { per: 'stream' }))).toEqual([[0, null]]);
  });

  test('any number of rows come out, whatever the pieces and however full the output', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 100 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (times, pieceBytes, refuses) => {
          const some: Program = (line) => {
            if (line === undefined) return '';
            const { id } = JSON.parse(line) as { id: number };
            return `{"id":${id},"text":"é"}\n`.repeat(times[id]!);
          };
          const given = times.map((_, id) => row(id, 'w'));
          const options = { rowCapacity: 64, refuses };
          const plan = planOf({ per: 'stream' });
          const result = await runKernel(playing(some, pieceBytes), plan, given, options);
          expect(rowsOf(result)).toEqual(
            times.flatMap((n, id) => Array.from({ length: n }, () => [id, 'é'])),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  test('it must not end before its input, unless it may be started anew', async () => {
    const early: Program = (line, at) => (at === 1 ? 'EXIT 0' : twice(line, at));
    const given = [row(1, 'a'), row(2, 'b'), { port: 0, watermarkUs: 2 }, row(3, 'c')];
    await expect(run(early, given, { per: 'stream' })).rejects.toThrow(
      'the process exited with status 0 before its input ended',
    );
    const result = await run(early, given, { per: 'stream', restarts: 1 });
    expect(rowsOf(result).map(([id]) => id)).toEqual([1, 3]);
  });
});

describeKernel('exec, by row', {
  create: playing(twice),
  plan: planOf(),
  script: script.slice(0, 100),
  keepsOrder: true,
  leastRows: 100,
});
