/** Actors give the same for any number of workers. */

import { expect, test } from 'vitest';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const MODULE = `
export class Sessions {
  clicks = 0;
  spent = 0;
  onCreate({ emit, key }) { emit('life', { user: key[0], what: 'came' }); }
  onRow({ ms }) { this.clicks++; this.spent += ms; }
  onOutput({ emit, key }) { emit('sums', { user: key[0], clicks: this.clicks, spent: this.spent }); }
  onRemove({ emit, key }) { emit('life', { user: key[0], what: 'went after ' + this.clicks }); }
}
`;

test.each([1, 2, 4])('with %i workers', async (workers) => {
  using workspace = new Workspace();
  workspace.write('sessions.mjs', MODULE);
  const rows = Array.from({ length: 5000 }, (_, i) => {
    const at = new Date(Date.UTC(2026, 0, 1) + 10 * i).toISOString();
    // A user comes back after every 40th row, in a block of time of its own.
    return JSON.stringify({
      at,
      user: `user ${(i * 7) % 40} of ${Math.floor(i / 1000)}`,
      ms: i % 97,
    });
  });
  workspace.write('clicks.jsonl', `${rows.join('\n')}\n`);
  const topology = {
    version: 1,
    name: 'sessions',
    sources: {
      clicks: {
        connector: 'file',
        path: 'clicks.jsonl',
        schema: { at: 'timestamp', user: 'string', ms: 'int32' },
        time: { field: 'at' },
      },
    },
    operators: {
      sessions: {
        type: 'actor',
        input: 'clicks',
        module: './sessions.mjs',
        export: 'Sessions',
        key: 'user',
        ttl: '5s',
        output: { every: '10s', offset: '1s' },
        outputs: {
          sums: { user: 'string', clicks: 'int32', spent: 'int32' },
          life: { user: 'string', what: 'string' },
        },
      },
    },
    sinks: {
      sums: { connector: 'file', input: 'sessions.sums', path: 'sums.csv' },
      life: { connector: 'file', input: 'sessions.life', path: 'life.csv' },
    },
    engine: { workers },
  };
  await runToEnd(topology, workspace);
  const sums = workspace.sortedLines('sums.csv');
  const life = workspace.sortedLines('life.csv');

  // Rounds at 1, 11, 21, 31, 41 s; blocks of 1000 rows are 10 s, and 5 s later all of one have gone.
  const alive = (second: number): Map<string, [number, number]> => {
    const users = new Map<string, [number, number, last: number]>();
    for (let i = 0; 10 * i < 1000 * second; i++) {
      const user = `user ${(i * 7) % 40} of ${Math.floor(i / 1000)}`;
      const [clicks, spent] = users.get(user) ?? [0, 0];
      users.set(user, [clicks + 1, spent + (i % 97), 10 * i]);
    }
    const here = [...users].filter(([, [, , last]]) => last + 5000 > 1000 * second);
    return new Map(here.map(([user, [clicks, spent]]) => [user, [clicks, spent]]));
  };
  const expected = [1, 11, 21, 31, 41].flatMap((second) =>
    [...alive(second)].map(([user, sum]) => `${user},${sum.join(',')}`),
  );
  expect(sums).toEqual(expected.toSorted());
  expect(life.filter((line) => line.endsWith('came'))).toHaveLength(200);
  expect(life.filter((line) => line.endsWith('went after 25'))).toHaveLength(160);
});
