import { expect, test } from 'vitest';
import { suggestName } from '../../../src/cli/suggest.ts';

const NAMES = ['kernels', 'latency', 'nexmark', 'overload', 'ring', 'ysb'];

test.each([
  ['rng', 'ring'],
  ['Ring', 'ring'],
  ['nexmrak', 'nexmark'],
  ['kernel', 'kernels'],
  ['over', 'overload'],
  ['ybs', undefined],
  ['x', undefined],
  ['completely-different', undefined],
])('%s is meant to be %s', (name, meant) => expect(suggestName(name, NAMES)).toBe(meant));
