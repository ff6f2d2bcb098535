/** A process that changes a table on disk and is killed, and what is there afterwards. @module */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { CLI } from './built.ts';
import { runToEnd, type Workspace } from './run-topology.ts';

const KEYS = 500;
/** Every so many rows the process says that it has handed a row on. */
const TOLD_EVERY = 50;
/** Standard output is written in pieces of 64 KiB: lines are long, so that one comes soon. */
const PADDING = '-'.repeat(400);

const TABLE = {
  schema: { k: 'int64', count: 'int64', last: 'int64', note: 'string' },
  key: ['k'],
  storage: 'disk',
};

/** Counts the rows of each key, and keeps the number of the last one. */
const COUNTING = {
  version: 1,
  name: 'counting',
  sources: {
    numbers: {
      connector: 'generator',
      schema: { n: 'int64' },
      fields: { n: { sequence: { start: 0 } } },
    },
  },
  tables: { counts: TABLE },
  operators: {
    counted: {
      type: 'query',
      input: 'numbers',
      table: 'counts',
      do: 'upsert',
      set: {
        k: `n % ${KEYS}`,
        count: 'COALESCE(t.count, 0) + 1',
        last: 'n',
        note: "CONCAT('the last one was number ', CAST(n AS VARCHAR))",
      },
      select: { n: 'n', padding: `'${PADDING}'` },
    },
    told: { type: 'filter', input: 'counted', where: `n % ${TOLD_EVERY} = 0` },
  },
  sinks: { out: { connector: 'stdout', input: 'told', format: 'csv' } },
  engine: { workers: 1, state: { dir: './state' } },
};

/** Reads all of the table. */
const READING = {
  version: 1,
  name: 'reading',
  sources: { ask: { connector: 'file', path: 'ask.csv', schema: { q: 'int32' } } },
  tables: { counts: TABLE },
  operators: { all: { type: 'query', input: 'ask', table: 'counts' } },
  sinks: { out: { connector: 'file', input: 'all', path: 'all.csv' } },
  engine: { workers: 1, state: { dir: './state' } },
};

/** By key: how many rows there were. */
export type Counts = ReadonlyMap<number, number>;

/**
 * Runs the topology until it has handed on so many rows, and kills it.
 *
 * @returns the number of the last row that it is known to have handed on
 */
export async function runAndKill(workspace: Workspace, rows: number): Promise<number> {
  workspace.write('counting.json', JSON.stringify(COUNTING));
  const child = spawn(process.execPath, [CLI, 'run', 'counting.json'], {
    cwd: workspace.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const closed = new Promise((resolve) => {
    child.once('close', resolve);
  });
  let last = -1;
  for await (const line of createInterface({ input: child.stdout })) {
    const [number, padding] = line.split(',');
    if (padding !== PADDING) continue;
    last = Number(number);
    if (last >= rows) child.kill('SIGKILL');
  }
  await closed;
  if (child.signalCode !== 'SIGKILL') throw new Error(`it was not killed: ${err}`);
  return last;
}

/**
 * Reads the table again, and checks that it is what some first rows have made of what was there `before`.
 *
 * @param last - number of a row that was handed on
 */
export async function recoverCounts(
  workspace: Workspace,
  before: Counts,
  last: number,
): Promise<Counts> {
  workspace.write('ask.csv', 'q\n1\n');
  await runToEnd(READING, workspace);
  const found = new Map<number, number>();
  const lasts = new Map<number, number>();
  for (const line of workspace.sortedLines('all.csv')) {
    const [, k, count, number, note] = line.split(',');
    if (note !== `the last one was number ${number}`) throw new Error(`a torn row: ${line}`);
    found.set(Number(k), Number(count));
    lasts.set(Number(k), Number(number));
  }
  let rows = 0;
  for (const [k, count] of found) rows += count - (before.get(k) ?? 0);
  if (rows <= last) throw new Error(`row ${last} was handed on, and ${rows} rows are there`);
  for (let k = 0; k < KEYS; k++) {
    const expected = Math.floor((rows - 1 - k) / KEYS) + 1;
    const count = (found.get(k) ?? 0) - (before.get(k) ?? 0);
    if (count !== expected || lasts.get(k) !== k + KEYS * (expected - 1)) {
      throw new Error(`key ${k}: ${count} rows of the first ${rows}, the last is ${lasts.get(k)}`);
    }
  }
  return found;
}
