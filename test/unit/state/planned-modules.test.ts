import { afterEach, expect, test, vi } from 'vitest';
import type { DataType } from '../../../src/core/types.ts';
import { FLOAT64, INT32, INT64, STRING } from '../../../src/core/types.ts';
import type { AggregateSpec } from '../../../src/state/index.ts';
import {
  addGroupModule,
  Arena,
  GroupStates,
  pageCellsFor,
  recordCells,
} from '../../../src/state/index.ts';
import { ModuleList, useModules } from '../../../src/wasm/index.ts';
import { testMemory } from '../../support/memory.ts';

const COUNT: AggregateSpec = {
  kind: 'count',
  input: 0,
  argument: undefined,
  isDistinct: false,
  isFiltered: false,
};
const SUM: AggregateSpec = {
  kind: 'sum',
  input: 1,
  argument: FLOAT64,
  isDistinct: false,
  isFiltered: false,
};
const LEAST: AggregateSpec = {
  kind: 'min',
  input: 2,
  argument: INT64,
  isDistinct: false,
  isFiltered: false,
};

function compiledIn(action: () => void): number {
  const compiler = vi.spyOn(WebAssembly, 'Module');
  try {
    action();
    return compiler.mock.calls.length;
  } finally {
    compiler.mockRestore();
  }
}

afterEach(() => {
  useModules(new Map());
});

test.each<readonly [string, readonly DataType[], readonly AggregateSpec[], boolean]>([
  ['no keys', [], [COUNT], false],
  ['a key', [INT32], [COUNT, SUM], false],
  ['texts', [STRING, INT32], [SUM, LEAST], false],
  ['partial aggregates', [INT64], [COUNT, SUM, LEAST], true],
])('groups by %s find their module', (_name, keys, aggregates, isFedPartials) => {
  const list = new ModuleList();
  addGroupModule(list, keys, aggregates, isFedPartials);
  expect(list.modules.size).toBe(1);
  useModules(list.modules);
  const arena = Arena.allocate(1 << 24, pageCellsFor(recordCells(keys, aggregates)), () => {
    throw new Error('full');
  });
  const make = (): void =>
    void new GroupStates(testMemory(), arena, keys, aggregates, 64, isFedPartials);
  expect(compiledIn(make)).toBe(0);
});
