/** What is on disk when a worker or the whole process dies: nothing of it is lost, and little is worked on twice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { INDEX } from '../support/built.ts';
import { expectConservation } from '../support/conservation.ts';
import { Workspace } from '../support/run-topology.ts';

const ROWS = 4000;
/** Rows of frames that were given out and not let go of: no more than these may come twice. */
const MOST_TWICE = 2048;

let workspace: Workspace;
beforeEach(() => {
  workspace = new Workspace();
  // Takes 0.05 ms for a row, writes down its number, and dies of the row that a file names.
  workspace.write(
    'work.js',
    `import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
    import { join } from 'node:path';
    const here = import.meta.dirname;
    const done = openSync(join(here, 'done.txt'), 'a');
    const order = join(here, 'die');
    const [how, last] = existsSync(order) ? readFileSync(order, 'utf8').split(' ') : [];
    let rows = 0;
    export const work = (row) => {
      const endMs = performance.now() + 0.05;
      while (performance.now() < endMs);
      writeSync(done, row.id + '\\n');
      if (++rows === Number(last)) how === 'worker' ? process.exit(3) : process.kill(process.pid, 'SIGKILL');
      return row;
    };`,
  );
});
afterEach(() => workspace[Symbol.dispose]());

/** Ten times what can be done, for as long as the rows last. */
function topology(first: number, count: number): object {
  const schema = { id: 'int64', bid: 'float64' };
  return {
    version: 1,
    name: 'spill-crash',
    sources: {
      bids: {
        connector: 'generator',
        count,
        rate: 200_000,
        schema,
        fields: { id: { sequence: { start: first } }, bid: { uniform: [0, 100] } },
        admission: { value: 'bid', onOverload: 'spill' },
      },
    },
    operators: {
      done: { type: 'module', input: 'bids', module: './work.js', export: 'work', schema },
    },
    sinks: { out: { connector: 'discard', input: 'done' } },
  };
}

const done = (): number[] => workspace.read('done.txt').trimEnd().split('\n').map(Number);

/** The next run has what was left, and a row of its own; all rows are done, few of them twice. */
async function expectTheRest(before: readonly number[]): Promise<void> {
  expect(before.length).toBe(ROWS / 2);
  rmSync(join(workspace.directory, 'die'));
  const document = topology(ROWS, 1);
  const options = { baseDirectory: workspace.directory, workers: 1 };
  await using engine = await Millrace.start(document, options);
  const summary = await engine.completed;
  expectConservation(document, summary);
  const { offered, admitted, spilled, replayedTwice = 0 } = summary.sources['bids']!;
  const after = done().slice(before.length);
  expect([admitted, spilled, after.length]).toEqual([offered, 0, offered]);
  expect(new Set(after).size).toBe(after.length);
  const all = new Set([...before, ...after]);
  expect([...all].toSorted((a, b) => a - b)).toEqual(Array.from({ length: ROWS + 1 }, (_, i) => i));
  // What the first run did with the rows it was handing on nobody knows; nothing else comes twice.
  const twice = before.length + after.length - all.size;
  expect(twice).toBeLessThanOrEqual(replayedTwice);
  expect(replayedTwice).toBeLessThanOrEqual(MOST_TWICE);
  // They come first, but for the row of this run.
  const again = after.filter((id) => id < ROWS).slice(0, replayedTwice);
  expect(again.filter((id) => before.includes(id)).length).toBe(twice);
}

test('a process that is killed while rows come back from disk', async () => {
  workspace.write('die', `process ${ROWS / 2}`);
  const program = `
    import { Millrace } from ${JSON.stringify(INDEX)};
    const engine = await Millrace.start(${JSON.stringify(topology(0, ROWS))}, {
      baseDirectory: ${JSON.stringify(workspace.directory)}, workers: 1,
    });
    await engine.completed;`;
  const child = spawn(execPath, ['--input-type=module', '-e', program]);
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  await expectTheRest(done());
});

test('a worker that dies while rows come back from disk', async () => {
  workspace.write('die', `worker ${ROWS / 2}`);
  const options = { baseDirectory: workspace.directory, workers: 1 };
  const engine = await Millrace.start(topology(0, ROWS), options);
  await expect(engine.completed).rejects.toMatchObject({ code: 'ERR_WORKER_LOST' });
  await expectTheRest(done());
});
