/** What a user's function is called with, what may come back, and what is refused. */

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RowErrorPolicy } from '../../../src/core/operator.ts';
import type { Schema } from '../../../src/core/schema.ts';
import { INT64, STRING, TIMESTAMP } from '../../../src/core/types.ts';
import { createModuleKernel } from '../../../src/operators/module/kernel.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import type { TestInput } from '../../support/kernel/operator-nodes.ts';
import { moduleNode, soundNode } from '../../support/kernel/operator-nodes.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import { runKernel } from '../../support/kernel/run-kernel.ts';

const SOURCE = `
export const score = (row) => ({ id: row.id, text: row.name + '!' });
export const odd = (row) => (row.id % 2n === 0n ? null : { id: row.id, text: 'odd' });
export const none = () => undefined;
export const twice = (row) => [
  { id: row.id, text: 'one' },
  { id: row.id + 100n, text: 'a second text, too long to lie in its view: ' + row.name },
];
export const echo = (row) => ({
  id: row.id,
  text: [typeof row.id, row.name === null, row.at].join(),
});
export const wrong = (row) => ({ id: 'seven', text: 'x' });
export const fails = (row) => {
  if (row.id === 2n) throw new RangeError('no two');
  return { id: row.id, text: 'x' };
};
export const later = async (row) => row;
export const constant = 5;
export default (row) => ({ id: row.id, text: 'default' });
`;

const INPUT_SCHEMA: Schema = [
  { name: 'id', type: INT64 },
  { name: 'name', type: STRING },
  { name: 'at', type: TIMESTAMP },
];
const OUTPUT_SCHEMA: Schema = [
  { name: 'id', type: INT64 },
  { name: 'text', type: STRING },
];
const INPUT: TestInput = { name: 'in', schema: INPUT_SCHEMA, hasTime: true };
const SCRIPT: Step[] = [1n, 2n, 3n].map((id) => ({
  port: 0,
  row: { values: [id, id === 3n ? null : `n${id}`, 1500n], timeUs: Number(id), lateByUs: 5 },
}));

let folder = '';
let base = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-module-'));
  base = path.join(folder, 'topology');
  await mkdir(path.join(base, 'code'), { recursive: true });
  await writeFile(path.join(base, 'code', 'rows.mjs'), SOURCE);
  await writeFile(path.join(base, 'broken.mjs'), 'export const score = (;');
  await writeFile(path.join(base, 'throws.mjs'), "throw new Error('not today');");
  await writeFile(path.join(folder, 'outside.mjs'), SOURCE);
  await symlink(path.join(folder, 'outside.mjs'), path.join(base, 'link.mjs'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function planOf(name: string, onError: RowErrorPolicy = 'stop', file = './code/rows.mjs') {
  return soundNode(moduleNode([INPUT], file, name, OUTPUT_SCHEMA, onError), [INPUT]);
}

const run = (name: string, onError: RowErrorPolicy = 'stop', file?: string) =>
  runKernel(createModuleKernel, planOf(name, onError, file), SCRIPT, {
    rowCapacity: 64,
    baseDirectory: base,
  });
const valuesOf = async (name: string) => (await run(name)).out.rows().map((row) => row.values);

describe('a function', () => {
  test('gets rows as objects', async () => {
    expect(await valuesOf('echo')).toEqual([
      [1n, 'bigint,false,1.5'],
      [2n, 'bigint,false,1.5'],
      [3n, 'bigint,true,1.5'],
    ]);
  });

  test('gives one row, several or none', async () => {
    expect(await valuesOf('score')).toEqual([
      [1n, 'n1!'],
      [2n, 'n2!'],
      [3n, 'null!'],
    ]);
    expect((await valuesOf('odd')).map(([id]) => id)).toEqual([1n, 3n]);
    expect(await valuesOf('none')).toEqual([]);
    expect((await valuesOf('twice')).map(([id]) => id)).toEqual([1n, 101n, 2n, 102n, 3n, 103n]);
    expect((await valuesOf('default'))[0]).toEqual([1n, 'default']);
  });

  test('leaves event time and lateness as they were', async () => {
    const { out } = await run('twice');
    expect(out.rows().map((row) => row.timeUs)).toEqual([1, 1, 2, 2, 3, 3]);
    expect(new Set(out.rows().map((row) => row.lateByUs))).toEqual(new Set([5]));
  });
});

describe('what it throws', () => {
  test('stops the run, with the cause', async () => {
    await expect(run('fails')).rejects.toMatchObject({
      code: 'ERR_USER_CODE',
      node: 'tested',
      message: expect.stringMatching(/'tested' failed on a row: .*no two.*"id":2/) as string,
      cause: expect.any(RangeError) as RangeError,
    });
  });

  test('drops the row, or sends it to the dead letters', async () => {
    const skipped = await run('fails', 'skip');
    expect(skipped.out.rows().map((row) => row.values[0])).toEqual([1n, 3n]);
    expect(skipped.errors).toBe(1);
    const { out } = await run('fails', 'deadLetter');
    const [letter] = out.rows(1);
    expect(letter!.values.slice(0, 2)).toEqual(['tested', 'ERR_USER_CODE']);
    expect(letter!.values[2]).toContain('no two');
  });
});

describe('is refused', () => {
  const refusal = (name: string, file?: string) =>
    run(name, 'stop', file).then(
      () => 'nothing',
      (error: unknown) => `${(error as { code: string }).code} ${(error as Error).message}`,
    );

  test('a value that is no row of the schema', async () => {
    expect(await refusal('wrong')).toMatch(/^ERR_USER_CODE .*'id'.*seven/);
  });

  test('an asynchronous function', async () => {
    expect(await refusal('later')).toMatch(/^ERR_USER_CODE .*asynchronous/);
  });

  test('an export that is missing, or no function', async () => {
    expect(await refusal('scores')).toMatch(/^ERR_USER_CODE .*'scores'.*score/);
    expect(await refusal('constant')).toMatch(/^ERR_USER_CODE .*'constant'/);
  });

  test('a module that is missing or cannot be loaded', async () => {
    expect(await refusal('score', './gone.mjs')).toMatch(/^ERR_USER_CODE .*gone\.mjs.*found/);
    expect(await refusal('score', './broken.mjs')).toMatch(/^ERR_USER_CODE .*broken\.mjs/);
    expect(await refusal('score', './throws.mjs')).toMatch(/^ERR_USER_CODE .*not today/);
  });

  test("a module outside the topology's folder, also through a link", async () => {
    const outside = /^ERR_USER_CODE .*outside/;
    expect(await refusal('score', '../outside.mjs')).toMatch(outside);
    expect(await refusal('score', path.join(folder, 'outside.mjs'))).toMatch(outside);
    expect(await refusal('score', './link.mjs')).toMatch(outside);
  });
});

describe('its kernel', () => {
  const script: Step[] = Array.from({ length: 200 }, (_, i) => ({
    port: 0,
    row: { values: [BigInt(i % 5), `name ${i}`, 0n], timeUs: i },
  }));
  // The plan names a file of a folder that is made later; the suite reads it when it runs.
  const subject = (name: string) => ({
    create: createModuleKernel,
    plan: planOf(name, 'deadLetter'),
    script,
    keepsOrder: true,
    get baseDirectory() {
      return base;
    },
  });
  describeKernel('module with two rows each', subject('twice'));
  describeKernel('module that throws', subject('fails'));
});
