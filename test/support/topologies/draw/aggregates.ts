/** Random aggregates. @module */

import type { OperatorDocument } from '../model/evaluate.ts';
import type { ModelStream } from '../model/stream.ts';
import type { Random } from '../../oracle/random.ts';
import { Expressions } from './expressions.ts';
import {
  drawKeys,
  drawLength,
  drawStream,
  drawWindow,
  isKey,
  SKIPPING,
  type World,
} from './world.ts';

function drawCounts(random: Random): object {
  const rows = random.pick([1, 2, 7, 30]);
  return {
    type: 'count',
    size: rows,
    ...(random.chance(0.5) ? { slide: random.pick([1, 2, 5, 40]) } : {}),
    ...(random.chance(0.5) ? { partial: true } : {}),
    ...(random.chance(0.2) ? { offset: random.below(4) } : {}),
  };
}

/** Functions by the kinds of columns that they take. */
const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  number: ['SUM', 'SUM', 'AVG', 'MIN', 'MAX', 'COUNT', 'ROUND', 'MEDIAN', 'TOP_K'],
  duration: ['SUM', 'MIN', 'MAX', 'COUNT'],
  bool: ['BOOL_AND', 'BOOL_OR', 'COUNT', 'MIN', 'MAX'],
  string: ['STRING_AGG', 'MIN', 'MAX', 'COUNT', 'PERCENTILE_DISC'],
  other: ['MIN', 'MAX', 'COUNT'],
};
const ANY_FUNCTIONS = [
  'FIRST',
  'LAST',
  'ARG_MIN',
  'ARG_MAX',
  'MODE',
  'ARRAY_AGG',
  'APPROX_COUNT_DISTINCT',
];
const NUMBERS = new Set(['int32', 'int64', 'float64', 'decimal']);

function drawFunction(random: Random, { schema, isChanging }: ModelStream): string {
  const filtered = random.chance(0.2)
    ? ` FILTER (WHERE ${new Expressions(random, schema).condition(0)})`
    : '';
  const usable = schema.filter(isKey);
  if (usable.length === 0 || random.chance(0.15)) return `COUNT(*)${filtered}`;
  const { name, type } = random.pick(usable);
  const group = NUMBERS.has(type.kind) ? 'number' : type.kind in FUNCTIONS ? type.kind : 'other';
  const any = !isChanging && random.chance(0.25);
  let called = random.pick(any ? ANY_FUNCTIONS : FUNCTIONS[group]!);
  if (isChanging && ['SUM', 'AVG', 'ROUND', 'STRING_AGG'].includes(called)) called = 'COUNT';
  const isWhole = type.kind === 'int32' || type.kind === 'int64';
  if (isWhole && random.chance(0.1)) called = 'BIT_XOR';
  const distinct =
    ['COUNT', 'SUM', 'AVG'].includes(called) && random.chance(0.3) ? 'DISTINCT ' : '';
  const second = random.pick(usable).name;
  switch (called) {
    case 'ROUND':
      return `ROUND(STDDEV(${name})${filtered}, 6)`;
    case 'TOP_K':
      return `TOP_K(${name}, 3)${filtered}`;
    case 'STRING_AGG':
      return `STRING_AGG(${name}, '|')${filtered}`;
    case 'PERCENTILE_DISC':
      return `PERCENTILE_DISC(${name}, 0.3)${filtered}`;
    case 'ARG_MIN':
    case 'ARG_MAX':
      return `${called}(${name}, ${second})${filtered}`;
    default:
      return `${called}(${distinct}${name})${filtered}`;
  }
}

/** An aggregate of any kind. */
export function drawAggregateOperator(world: World): OperatorDocument {
  const { random } = world;
  const [input, stream] = drawStream(world);
  const { schema, hasTime, isOrdered } = stream;
  const select: Record<string, string> = {};
  // One function of the fast kind alone now and then: that has kernels of its own.
  const functions = random.pick([1, 1, 2, 4, 7]);
  for (let i = 0; i < functions; i++)
    select[`a${random.below(1000)}`] = drawFunction(random, stream);
  const keys = drawKeys(random, schema);
  const groupBy =
    keys.length === 0
      ? {}
      : random.chance(0.15)
        ? {
            groupBy: {
              g: new Expressions(random, schema).value(random.pick(schema.filter(isKey)).type, 1),
            },
          }
        : { groupBy: keys };
  const parallel = random.chance(0.2) ? { parallel: random.between(1, 3) } : {};
  const common = { type: 'aggregate', input, ...groupBy, select, ...SKIPPING, ...parallel };
  if (isOrdered && random.chance(0.12)) return { ...common, window: drawCounts(random) };
  if (hasTime && random.chance(0.6)) {
    const emit = random.chance(0.2)
      ? { emit: random.pick<unknown>(['onClose', 'onChange', { every: drawLength(random) }]) }
      : {};
    return { ...common, window: drawWindow(random), ...emit };
  }
  if (random.chance(0.6)) return common;
  return {
    ...common,
    emit: random.pick<unknown>(['end', 'each', 'onChange', { every: drawLength(random) }]),
  };
}
