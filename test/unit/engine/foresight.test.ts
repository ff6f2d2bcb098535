import { expect, test } from 'vitest';
import { foreseeThreads } from '../../../src/engine/foresight.ts';

const document = {
  sources: { a: { connector: 'file' }, b: { connector: 'file' }, c: { connector: 'generator' } },
  operators: {
    a: { type: 'aggregate' },
    u: { type: 'union' },
    b: { type: 'aggregate' },
    odd: { type: 7 },
  },
  sinks: { out: { connector: 'discard' }, none: 'x' },
};

test('threads load what a document names, each once', () => {
  expect(foreseeThreads(document, undefined, 3)).toEqual({
    threads: 3,
    early: 3,
    preload: {
      sources: ['file', 'generator'],
      operators: ['aggregate', 'union'],
      sinks: ['discard'],
      chains: false,
    },
  });
});

test.each([
  [[{ type: 'filter' }, { type: 'map' }], [], true],
  [[{ type: 'filter' }, { type: 'map' }, { type: 'top' }], ['top'], true],
  [[{ type: 'filter' }], ['filter'], true],
  [[{ type: 'map' }, { type: 'map' }, { type: 'map', onError: 'deadLetter' }], ['map'], true],
  [[{ type: 'filter', routes: {} }], ['filter'], false],
])('of the operators %j it takes those for a chain that may be one', (list, operators, chains) => {
  const foreseen = foreseeThreads({ operators: Object.fromEntries(list.entries()) }, 1, 1);
  expect(foreseen?.preload).toMatchObject({ operators, chains });
});

test('the program overrules the document, and the document the default', () => {
  const asking = { ...document, engine: { workers: 2 } };
  expect(foreseeThreads(asking, 5, 3)?.threads).toBe(5);
  expect(foreseeThreads(asking, undefined, 3)?.threads).toBe(2);
});

test.each([
  [{ a: {} }, { f: { type: 'filter' }, m: { type: 'map' } }, {}, 1],
  [{ a: {}, b: {} }, {}, {}, 2],
  [{ a: { parallel: 3 } }, {}, {}, 3],
  [{ a: { parallel: 9 } }, {}, {}, 4],
  [{ a: {} }, { t: { type: 'top' } }, {}, 4],
  [{ a: {} }, { f: { type: 'filter' } }, { engine: { placement: { pin: {} } } }, 4],
])('of sources %j and operators %j it takes so many to have tasks', (sources, ops, more, early) => {
  const foreseen = foreseeThreads({ sources, operators: ops, ...more }, 4, 1);
  expect(foreseen).toMatchObject({ threads: 4, early });
});

test.each([0, -1, 1.5, '2', [2]])('%j workers are not foreseen', (workers) => {
  expect(foreseeThreads({ engine: { workers } }, undefined, 3)).toBe(undefined);
});

test.each([null, 7, 'x', [], { sources: 7, operators: [], sinks: null, engine: 'fast' }])(
  'of %j nothing is foreseen but threads',
  (odd) => {
    expect(foreseeThreads(odd, undefined, 1)).toEqual({
      threads: 1,
      early: 1,
      preload: { sources: [], operators: [], sinks: [], chains: false },
    });
  },
);
