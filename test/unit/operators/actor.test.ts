/** Actors: an instance for each key, what it is called for, and when it goes. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Schema } from '../../../src/core/schema.ts';
import { INT64, STRING } from '../../../src/core/types.ts';
import { createKernel } from '../../../src/operators/kernels.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import { documentPlan, type TestInput } from '../../support/kernel/operator-nodes.ts';
import type { ClockedStep, RunResult } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';

const MODULE = `
export class Diary {
  seen = [];
  constructor({ key }) { this.key = key.join('/'); }
  note(what, { emit, now }) { emit({ key: this.key, what: what + ' ' + this.seen.join(''), at: BigInt(Math.round(now() * 1000)) }); }
  onCreate(self) { if (self.options.talks) this.note('create', self); }
  onRow({ word }, self, stream) {
    this.seen.push(stream === 'in' ? word : stream + ':' + word);
    if (word === 'bye') self.expire();
    if (word === 'boom') throw new Error('no booms');
    if (word.startsWith('at ')) self.callAt(Number(word.slice(3)) / 1000);
    if (self.options.echoes) this.note('row', self);
  }
  onOutput(self) { this.note('output', self); }
  onTrigger(self) { this.note('trigger', self); }
  onTime(self) { this.note('time', self); }
  onEnd(self) { if (self.options.ends) this.note('end', self); }
  onRemove(self) { this.note('remove', self); }
}
export const Shared = ({ key }) => ({
  save() {},
  onRow({ word }, { emit, persist, fetch }) {
    const before = fetch(word) ?? 'nobody';
    persist(word, key[0], 0.01);
    emit({ key: key[0], what: before, at: 0n });
  },
});
export class Forks {
  onRow({ word, n }, { emit }) {
    emit(word.length > 1 ? 'long' : 'short', { word, n });
    if (n === 3n) emit('none', {});
    if (n === 4n) emit('short', { word: 5, n });
  }
}
export class Shy {
  #seen = [];
  onRow({ word }, { emit, key }) { this.#seen.push(word); emit({ key: key[0], what: this.#seen.join(''), at: 0n }); }
}
export class Open extends Shy {
  save() { return { seen: this.all, since: new Map([[1, 2n]]) }; }
  restore({ seen, since }, { key }) { this.all = [...seen, key[0], String(since.get(1))]; }
  all = [];
  onRow({ word }, { emit, key }) { this.all.push(word); emit({ key: key[0], what: this.all.join(''), at: 0n }); }
}
export class Holder { inner = new Open(); onRow() {} }
export const Closure = () => ({ onRow() {} });
export class Loud {
  constructor({ emit, callAt, persist }) { emit({ key: 'made', what: '', at: 0n }); callAt(50); persist('made', 1); }
  onRow() {}
}
export const Wrong = () => ({});
export const Careless = () => ({ save() {}, onRow(row) { row.word = 'mine'; } });
export class Counter {
  n = 0;
  onRow({ n }, { emit, key }) { emit({ key: key[0], what: 'count', at: BigInt(++this.n) + 0n * n }); }
}
`;
const folder = mkdtempSync(join(tmpdir(), 'millrace-actor-'));
writeFileSync(join(folder, 'actors.mjs'), MODULE);
writeFileSync(
  join(folder, 'typed.ts'),
  'export class Typed { onRow(row: { word: string }, { emit }: { emit: (row: object) => void }): void { emit({ key: row.word, what: "typed", at: 0n }); } }',
);
afterAll(() => rmSync(folder, { recursive: true }));

const SCHEMA: Schema = [
  { name: 'who', type: STRING },
  { name: 'word', type: STRING },
  { name: 'n', type: INT64 },
];
const input = (name: string, hasTime = true): TestInput => ({ name, schema: SCHEMA, hasTime });
const row = (who: string | null, word: string, timeUs: number, n = 0n, port = 0): ClockedStep => ({
  port,
  row: { values: [who, word, n], timeUs },
});
const NOTES = { key: 'string', what: 'string', at: 'int64' };

const plan = (settings: object, inputs: readonly TestInput[] = [input('in')]) =>
  documentPlan(
    {
      type: 'actor',
      module: './actors.mjs',
      export: 'Diary',
      key: 'who',
      schema: NOTES,
      ...settings,
    },
    inputs,
  );

async function run(
  settings: object,
  script: readonly ClockedStep[],
  inputs?: readonly TestInput[],
  options: object = {},
): Promise<RunResult> {
  const base = { rowCapacity: 64, baseDirectory: folder, ...options };
  return await runKernel(createKernel, plan(settings, inputs), script, base);
}

async function notes(...args: Parameters<typeof run>): Promise<string[]> {
  const { out } = await run(...args);
  return out
    .rows()
    .map(({ values: [key, what, at] }) => `${String(key)} ${String(what)} @${String(at)}`);
}

describe('an instance', () => {
  test('is made once for each key, as it first comes', async () => {
    const script = [row('a', '1', 5), row('b', '2', 6), row('a', '3', 7)];
    expect(await notes({ options: { talks: true, ends: true } }, script)).toEqual([
      'a create  @5',
      'b create  @6',
      'b end 2 @7',
      'a end 13 @7',
    ]);
  });

  test('is one where there is no key', async () => {
    const script = [row('a', '1', 5), row('b', '2', 6)];
    expect(await notes({ key: undefined, options: { ends: true } }, script)).toEqual([
      ' end 12 @6',
    ]);
  });

  test('has a key of several columns, and of several streams', async () => {
    const inputs = [input('in'), input('other')];
    const script = [row('a', 'x', 5, 1n), row('1', 'a', 6, 9n, 1), row('a', 'x', 7, 2n)];
    const key = { in: ['who', 'word'], other: ['word', 'who'] };
    expect(await notes({ key, options: { ends: true } }, script, inputs)).toEqual([
      'a/1 end other:a @7',
      'a/x end xx @7',
    ]);
  });

  test('goes when it asks to, and is made anew', async () => {
    const script = [row('a', 'bye', 5), row('a', '2', 6)];
    const options = { talks: true, ends: true };
    expect(await notes({ options }, script)).toEqual([
      'a create  @5',
      'a remove bye @5',
      'a create  @6',
      'a end 2 @6',
    ]);
  });

  test('that takes the place of one which is gone has its times for itself', async () => {
    const script = [row('a', 'at 50', 10), row('a', 'bye', 20), row('b', 'at 50', 30)];
    expect(await notes({}, [...script, row('c', 'x', 70)])).toEqual([
      'a remove at 50bye @20',
      'b time at 50 @70',
    ]);
  });

  test('goes after its time to live, also where no watermark says so', async () => {
    const script = [row('a', '1', 5), row('b', '2', 12), row('a', '3', 14), row('a', '4', 15)];
    const settings = { ttl: '10us', options: { ends: true } };
    expect(await notes(settings, [...script, row('c', '5', 24)])).toEqual([
      'b remove 2 @24',
      'a end 134 @24',
      'c end 5 @24',
    ]);
    expect(await notes(settings, [...script, { port: 0, watermarkUs: 30 }])).toEqual([
      'b remove 2 @30',
      'a remove 134 @30',
    ]);
  });

  test('goes when there are too many: the one without a row for longest', async () => {
    const script = [row('a', '1', 1), row('b', '2', 2), row('a', '3', 3), row('c', '4', 4)];
    const settings = { maxInstances: 2, options: { ends: true } };
    expect(await notes(settings, script)).toEqual(['b remove 2 @4', 'a end 13 @4', 'c end 4 @4']);
  });

  test('may be what a function gives, and a class of a TypeScript file', async () => {
    const script = [row('a', 'x', 1), row('b', 'x', 5), row('c', 'x', 9), row('d', 'x', 30)];
    expect(await notes({ export: 'Shared' }, script)).toEqual([
      'a nobody @0',
      'b a @0',
      'c b @0',
      'd nobody @0',
    ]);
    const typed = { module: './typed.ts', export: 'Typed' };
    expect(await notes(typed, [row('a', 'x', 1)])).toEqual(['x typed @0']);
  });
});

describe('results come', () => {
  test('after each so many rows of an instance', async () => {
    const script = ['1', '2', '3', '4', '5'].map((word, i) => row(i === 1 ? 'b' : 'a', word, i));
    expect(await notes({ output: { rows: 2 } }, script)).toEqual([
      'a output 13 @2',
      'a output 1345 @4',
    ]);
  });

  test('at multiples of an interval plus an offset, for all instances', async () => {
    const script = [row('a', '1', 4), row('b', '2', 12), row('a', '3', 13), row('a', '4', 34)];
    const output = { every: '10us', offset: '3us' };
    const expected = [
      'a output 1 @13',
      'b output 2 @13',
      'b output 2 @34',
      'a output 13 @34',
      'b output 2 @34',
      'a output 13 @34',
    ];
    expect(await notes({ output }, script)).toEqual(expected);
    const { out } = await run({ output }, script);
    expect(out.rows().map(({ timeUs }) => timeUs)).toEqual([13, 13, 23, 23, 33, 33]);
    const oneByOne = await notes({ output }, script, undefined, { batchRows: () => 1 });
    expect(oneByOne).toEqual(expected);
  });

  test('by the clock, where no row comes', async () => {
    const inputs = [input('in', false)];
    const bare = (word: string): ClockedStep => ({ port: 0, row: { values: ['a', word, 0n] } });
    const script = [
      { clockUs: 95 },
      bare('1'),
      { clockUs: 99 },
      { clockUs: 101 },
      { clockUs: 115 },
      bare('2'),
      { clockUs: 120 },
    ];
    expect(await notes({ output: { every: '10us' } }, script, inputs)).toEqual([
      'a output 1 @101',
      'a output 1 @115',
      'a output 12 @120',
    ]);
    const ttl = { ttl: '15us', clock: 'processing' };
    expect(await notes(ttl, script, inputs)).toEqual(['a remove 1 @115']);
  });

  test('by a trigger only as a row comes', async () => {
    const script = [1, 3, 15, 16, 17, 18].map((at) => row('a', String(at), at));
    const settings = { trigger: { rows: 3, every: '10us' } };
    expect(await notes(settings, [...script, { port: 0, watermarkUs: 100 }])).toEqual([
      'a trigger 1315 @15',
      'a trigger 1315161718 @18',
    ]);
  });

  test('at the times that an instance asks for, and at its timer', async () => {
    const script = [row('a', 'at 40', 1), row('a', 'at 20', 2), row('b', 'at 30', 3)];
    const end = { port: 0, watermarkUs: 100 };
    expect(await notes({}, [...script, end])).toEqual([
      'a time at 40at 20 @100',
      'b time at 30 @100',
    ]);
    const { out } = await run({}, [...script, end]);
    expect(out.rows().map(({ timeUs }) => timeUs)).toEqual([20, 30]);
    const timed = await run({ timer: '30us' }, [row('a', 'x', 10), row('a', 'y', 75)]);
    expect(timed.out.rows().map(({ timeUs }) => timeUs)).toEqual([40, 70]);
  });
});

describe('streams', () => {
  const outputs = {
    long: { word: 'string', n: 'int64' },
    short: { n: 'int64', word: 'string' },
  };
  const settings = { export: 'Forks', schema: undefined, outputs, key: undefined };

  test('are named', async () => {
    const { out } = await run(settings, [row('a', 'xx', 1, 1n), row('a', 'y', 2, 2n)]);
    expect(out.rows(0).map(({ values }) => values)).toEqual([['xx', 1n]]);
    expect(out.rows(1).map(({ values }) => values)).toEqual([[2n, 'y']]);
  });

  test('that are none, and rows that do not fit, are errors', async () => {
    const script = [row('a', 'x', 1, 3n), row('a', 'y', 2, 4n), row('a', 'z', 3, 5n)];
    const { out, errors } = await run({ ...settings, onError: 'deadLetter' }, script);
    const messages = out.rows(2).map(({ values }) => values[2]);
    expect(errors).toBe(2);
    expect(messages).toEqual([
      "the instance threw there is no stream 'none'; there is 'long', 'short'",
      "emitted a row that does not fit: field 'word': expected string (a string), found 5",
    ]);
    expect(out.rows(1)).toHaveLength(3);
  });
});

describe('what a class throws', () => {
  const script = [row('a', '1', 1), row('b', 'boom', 2), row(null, '3', 3), row('a', '4', 4)];

  test('names the key, and the flow goes on', async () => {
    const { out } = await run({ onError: 'deadLetter', options: { ends: true } }, script);
    expect(out.rows(1).map(({ values }) => values[2])).toEqual([
      'the instance of b threw no booms',
      'its key is null, so it is for no instance',
    ]);
    expect(out.rows(0).map(({ values }) => values[1])).toEqual(['end boom', 'end 14']);
  });

  test('may be that it has written to a row', async () => {
    await expect(run({ export: 'Careless' }, script)).rejects.toThrow(/read only property 'word'/);
  });

  test('stops the run by default', async () => {
    await expect(run({}, script)).rejects.toMatchObject({ code: 'ERR_USER_CODE', node: 'tested' });
  });

  test('an export that gives no instance is refused', async () => {
    await expect(run({ export: 'Wrong' }, script)).rejects.toThrow(/onRow is needed/);
  });
});

describe('what an instance remembers', () => {
  const renews = (): boolean => true;
  const notesOf = async (settings: object, rows: readonly ClockedStep[]): Promise<unknown[]> =>
    (await run(settings, rows, undefined, { renews, batchRows: () => 1 })).out
      .rows()
      .map(({ values }) => values[1]);
  const script = [row('a', '1', 1), row('a', '2', 2), row('b', '3', 3), row('a', '4', 4)];

  test('is what it saves, where it does', async () => {
    expect(await notesOf({ export: 'Open' }, script)).toEqual(['1', '1a22', '3', '1a22a2a24']);
  });

  test.each([
    ['Shy', 'the instance of a has private fields, which only its class knows'],
    ['Holder', 'the instance of a.inner is an instance of Open'],
    ['Closure', 'the instance of a is no instance of a class'],
  ])('is refused where it cannot be known: %s', async (name, message) => {
    await expect(notesOf({ export: name }, script)).rejects.toThrow(message);
    await expect(notesOf({ export: name }, script)).rejects.toThrow('save() and restore()');
  });

  test('has beside it what was kept for all', async () => {
    const words = [row('a', 'x', 1), row('b', 'x', 2), row('c', 'y', 3), row('d', 'x', 100_000)];
    expect(await notesOf({ export: 'Shared' }, words)).toEqual(['nobody', 'a', 'nobody', 'nobody']);
  });

  test('is not what its constructor does again', async () => {
    const { out } = await run({ export: 'Loud' }, script, undefined, { renews });
    expect(out.rows().map(({ values }) => values[0])).toEqual(['made', 'made']);
  });
});

test('one instance counts exactly, whoever sends', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 3 })), { maxLength: 200 }),
      async (rows) => {
        const inputs = [0, 1, 2, 3].map((p) => input(`in${p}`));
        const script = rows.map(([key, port], i) => row(`k${key}`, 'x', i, 0n, port));
        const { out } = await run({ export: 'Counter' }, script, inputs, { batchRows: () => 3 });
        const counts = new Map<string, number>();
        const expected = rows.map(([key]) => {
          counts.set(`k${key}`, (counts.get(`k${key}`) ?? 0) + 1);
          return [`k${key}`, 'count', BigInt(counts.get(`k${key}`)!)];
        });
        expect(out.rows().map(({ values }) => values)).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});

describeKernel('actor', {
  create: createKernel,
  plan: plan({
    options: { talks: true, echoes: true, ends: true },
    output: { every: '70us', offset: '5us' },
    ttl: '90us',
    trigger: { rows: 4 },
    onError: 'deadLetter',
  }),
  script: Array.from({ length: 200 }, (_, i) =>
    i % 25 === 24
      ? { port: 0, watermarkUs: 5 * i - 40 }
      : row(
          i % 31 === 7 ? null : `k${(i * i) % 9}`,
          i % 13 === 4 ? 'bye' : `w${i}, a long word`,
          5 * i,
        ),
  ),
  keepsOrder: true,
  leastRows: 200,
  baseDirectory: folder,
});
