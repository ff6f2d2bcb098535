/** The stream of what was shed in plans: it changes nothing for others, and nobody waits for it. */
import { expect, test } from 'vitest';
import { compileTopology, loadTopology } from '../../../src/engine/load.ts';
import type { SourceRole } from '../../../src/workers/protocol.ts';

const source = {
  connector: 'embedded',
  schema: { at: 'timestamp', k: 'string' },
  time: { field: 'at' },
  admission: { onOverload: 'shed' },
};
const join = (left: string, right: string, on: string): object => ({
  type: 'join',
  inputs: [left, right],
  on,
  within: { before: '1s', after: '1s' },
  select: { k: 'l.k' },
});

test('it is on the first worker, and no source keeps pace with it, nor it with them', () => {
  const document = {
    version: 1,
    name: 'paced',
    sources: { a: source, b: source },
    operators: {
      both: join('a', 'b', 'l.k = r.k'),
      lost: {
        ...join('b', '$shed', 'l.k = r.class'),
        select: { k: 'l.k', rows: 'r.rows', share: 'r.rows / r.offered' },
      },
    },
    sinks: {
      out: { connector: 'discard', input: 'both' },
      losses: { connector: 'discard', input: 'lost' },
    },
  };
  const plan = compileTopology(loadTopology(document, { workers: 2 }), { files: false });
  const sources = plan.sources.map((id) => plan.tasks[id]!);
  expect(sources.map(({ node, worker }) => [node, worker])).toEqual([
    ['a', 0],
    ['b', 1],
    ['$shed', 0],
  ]);
  expect(sources.map(({ role }) => (role as SourceRole).pacedWith)).toEqual([[1], [0], []]);
});
