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

test.each([0, -1, 1.5, '2', [2]])('%j workers are not foreseen', (workers) => {
  expect(foreseeThreads({ engine: { workers } }, undefined, 3)).toBe(undefined);
});

test.each([null, 7, 'x', [], { sources: 7, operators: [], sinks: null, engine: 'fast' }])(
  'of %j nothing is foreseen but threads',
  (odd) => {
    expect(foreseeThreads(odd, undefined, 1)).toEqual({
      threads: 1,
      preload: { sources: [], operators: [], sinks: [], chains: false },
    });
  },
);
