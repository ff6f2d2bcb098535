/** `window_drop` in documents. @module */

import * as z from 'zod';
import { parseDurationUs } from '../../units.ts';
import { duration, listOf, object, option, positiveDuration, text } from '../document/parts.ts';
import type { WindowDropOperator } from '../model/window-drop.ts';
import { durationUs } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { chance } from './random-drop.ts';

const document = object('an operator', {
  type: z.literal('window_drop').describe('Drops whole windows by chance.'),
  ...chance,
  size: positiveDuration('10s').describe('How long a window of the aggregate behind it is.'),
  slide: positiveDuration('2s')
    .describe('The distance from one beginning to the next; the size by default.')
    .optional(),
  offset: duration('0s').describe('Moves the windows; "0s" by default.').optional(),
  groupBy: listOf('a list of columns such as ["ad"]', text('the name of a column'))
    .describe('Columns of groups, each of which has its own windows dropped.')
    .optional(),
  of: option('what it reads', ['rows', 'results'])
    .describe(
      '"rows" (default) that go into windows: those that a window needs which is kept are kept. ' +
        '"results" of windows: those of windows that are kept.',
    )
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'window_drop operator' });

/** How the reader of topologies handles a window drop. */
export const windowDropKind: OperatorKind<typeof document, WindowDropOperator> = {
  document,
  inputs: 'one',
  check({ size, slide }, report) {
    if (size === undefined || slide === undefined) return;
    const [sizeUs, slideUs] = [parseDurationUs(size), parseDurationUs(slide)];
    if (sizeUs === undefined || slideUs === undefined || slideUs <= sizeUs) return;
    report.add(['slide'], `expected at most the size of the window, "${size}", found "${slide}"`);
  },
  normalize(node) {
    const sizeUs = durationUs(node.size, 0);
    return {
      type: 'window_drop',
      rate: node.rate,
      seed: node.seed ?? 1,
      sizeUs,
      slideUs: durationUs(node.slide, sizeUs),
      offsetUs: durationUs(node.offset, 0),
      groupBy: node.groupBy ?? [],
      of: node.of ?? 'rows',
    };
  },
};
