/** One row of a key at a time between lock and unlock. */

import { describe, expect, test } from 'vitest';
import type { TopologyDocument } from '../../src/index.ts';
import { Millrace } from '../../src/index.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const KEYS = 100;
const ROWS = 3000;

const FUNCTIONS = `
const inside = new Set();
export function enter({ k, id }) {
  if (inside.has(k)) throw new Error('two rows of ' + k + ' at once');
  inside.add(k);
  return { k, id };
}
export function leave({ k, id }) {
  inside.delete(k);
  return { k, id };
}
`;

const SCHEMA = { k: 'int32', id: 'int64' } as const;

/** Rows of keys in turns; `locked`: with a lock around the functions. */
function topology(workers: number, between?: object): TopologyDocument {
  return {
    version: 1,
    name: 'locks',
    sources: {
      made: {
        connector: 'generator',
        schema: SCHEMA,
        count: ROWS,
        fields: { k: { uniform: [0, KEYS - 1] }, id: { sequence: { start: 0, step: 1 } } },
      },
    },
    operators: {
      alone: { type: 'lock', input: 'made', key: ['k'], lockset: 'keys' },
      enter: {
        type: 'module',
        input: 'alone',
        module: 'keys.mjs',
        export: 'enter',
        schema: SCHEMA,
      },
      ...(between === undefined ? {} : { between: between as never }),
      leave: {
        type: 'module',
        input: between === undefined ? 'enter' : 'between',
        module: 'keys.mjs',
        export: 'leave',
        schema: SCHEMA,
      },
      done: { type: 'unlock', input: 'leave', key: ['k'], lockset: 'keys' },
    },
    sinks: {
      out: { connector: 'file', input: 'done', path: 'out.jsonl' },
      stuck: { connector: 'file', input: 'alone.waiting', path: 'stuck.jsonl' },
    },
    engine: { workers },
  };
}

const rowsOf = (text: string): { k: number; id: number }[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { k: number; id: number });

describe('lock', () => {
  test.each([1, 2])(
    'lets one row of each of many keys pass at a time: %i workers',
    async (workers) => {
      using workspace = new Workspace();
      workspace.write('keys.mjs', FUNCTIONS);
      await runToEnd(topology(workers), workspace);
      const out = rowsOf(workspace.read('out.jsonl'));
      expect(new Set(out.map(({ id }) => id)).size).toBe(ROWS);
      // Rows of a key pass in the order in which they came.
      const last = new Map<number, number>();
      for (const { k, id } of out) {
        expect(last.get(k) ?? -1).toBeLessThan(id);
        last.set(k, id);
      }
      expect(workspace.read('stuck.jsonl')).toBe('');
    },
  );

  test('is needed: without it the function fails', async () => {
    using workspace = new Workspace();
    workspace.write('keys.mjs', FUNCTIONS);
    const { operators, ...rest } = topology(1);
    const { alone: _alone, done: _done, ...between } = operators!;
    const unlocked = {
      ...rest,
      operators: { ...between, enter: { ...between['enter']!, input: 'made' } },
      sinks: { out: { connector: 'file', input: 'leave', path: 'out.jsonl' } },
    } as TopologyDocument;
    await expect(runToEnd(unlocked, workspace)).rejects.toThrow(/two rows of/);
  });

  test('gives up, at the end, what waits for rows that were dropped', async () => {
    using workspace = new Workspace();
    workspace.write('keys.mjs', FUNCTIONS);
    await runToEnd(topology(1, { type: 'filter', input: 'enter', where: 'k <> 7' }), workspace);
    const out = rowsOf(workspace.read('out.jsonl'));
    const stuck = rowsOf(workspace.read('stuck.jsonl'));
    expect(new Set(stuck.map(({ k }) => k))).toEqual(new Set([7]));
    expect(out.some(({ k }) => k === 7)).toBe(false);
    // One row of the key was dropped between lock and unlock.
    expect(out.length + stuck.length).toBe(ROWS - 1);
  });

  test('must have an unlock behind it, with nothing between that keeps rows', async () => {
    using workspace = new Workspace();
    workspace.write('keys.mjs', FUNCTIONS);
    const refused = async (document: TopologyDocument): Promise<string> => {
      const error: unknown = await Millrace.start(document, {
        baseDirectory: workspace.directory,
      }).catch((reason: unknown) => reason);
      return String(error);
    };
    const sorted = topology(1, { type: 'bsort', input: 'enter', orderBy: ['id'], slack: 3 });
    expect(await refused(sorted)).toMatch(
      /\/operators\/done: 'between', between it and the lock 'alone', keeps rows/,
    );
    const other = topology(1);
    const { done, ...operators } = other.operators!;
    const renamed = { ...operators, done: { ...done!, lockset: 'other' } };
    const text = await refused({ ...other, operators: renamed });
    expect(text).toMatch(/\/operators\/done\/lockset: no lock is of the lock set 'other'/);
    expect(text).toMatch(/\/operators\/alone\/lockset: no unlock is of the lock set 'keys'/);
  });
});
