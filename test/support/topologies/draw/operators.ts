/** Random operators over the streams there are. What makes no sense is found by the model. @module */

import type { Schema } from '../../../../src/core/schema.ts';
import type { OperatorDocument } from '../model/evaluate.ts';
import { drawAggregateOperator } from './aggregates.ts';
import { Expressions, quoted } from './expressions.ts';
import { drawJoin } from './joins.ts';
import {
  type Drawer,
  drawKeys,
  drawLength,
  drawStream,
  drawWindow,
  isKey,
  SKIPPING,
  type World,
} from './world.ts';

const DRAWERS: readonly (readonly [number, Drawer])[] = [
  [6, filter],
  [3, routes],
  [6, map],
  [3, union],
  [14, drawAggregateOperator],
  [9, drawJoin],
  [4, top],
  [3, dedup],
  [2, unnest],
  [1, pivot],
  [2, lookup],
  [3, sort],
  [1, split],
  [1, sequence],
];

/** An operator of a random type; `undefined` where the streams do not have what it needs. */
export function drawOperator(world: World): OperatorDocument | undefined {
  const total = DRAWERS.reduce((sum, [weight]) => sum + weight, 0);
  let at = world.random.below(total);
  for (const [weight, draw] of DRAWERS) {
    at -= weight;
    if (at < 0) return draw(world);
  }
  return undefined;
}

function filter(world: World): OperatorDocument {
  const [input, { schema }] = drawStream(world);
  return {
    type: 'filter',
    input,
    where: new Expressions(world.random, schema).condition(),
    ...SKIPPING,
  };
}

function routes(world: World): OperatorDocument {
  const [input, { schema }] = drawStream(world);
  const { random } = world;
  const expressions = new Expressions(random, schema);
  const conditions = { a: expressions.condition(1), b: expressions.condition(1) };
  const rest = random.chance(0.5) ? { rest: true } : {};
  return { type: 'filter', input, routes: { ...conditions, ...rest }, ...SKIPPING };
}

function map(world: World): OperatorDocument {
  const [input, { schema }] = drawStream(world);
  const { random } = world;
  const expressions = new Expressions(random, schema);
  const select: Record<string, string | true> = random.chance(0.7) ? { '*': true } : {};
  for (let i = random.between(1, 4); i > 0; i--) {
    const field = random.pick(schema);
    if (random.chance(0.25)) select[field.name] = expressions.value(field.type);
    else select[`m${random.below(100)}`] = expressions.value(field.type);
  }
  if (select['*'] === undefined && random.chance(0.8)) {
    for (const { name } of schema.slice(0, 3)) select[name] ??= quoted(name);
  }
  return { type: 'map', input, select, ...SKIPPING };
}

const sameColumns = (a: Schema, b: Schema): boolean => JSON.stringify(a) === JSON.stringify(b);

function alike(world: World): string[] {
  const { random, streams } = world;
  const [first, { schema, isChanging }] = drawStream(world);
  const others = [...streams]
    .filter(
      ([name, other]) => name !== first && !other.isChanging && sameColumns(other.schema, schema),
    )
    .map(([name]) => name)
    .filter(() => random.chance(0.6));
  return isChanging ? [] : [first, ...others].slice(0, 4);
}

function union(world: World): OperatorDocument | undefined {
  const { random } = world;
  if (random.chance(0.3)) {
    const [[a, left], [b, right]] = [drawStream(world), drawStream(world)];
    const isClash = left.schema.some(({ name, type }) =>
      right.schema.some((field) => field.name === name && !sameColumns([{ name, type }], [field])),
    );
    if (a === b || isClash) return undefined;
    return { type: 'union', inputs: [a, b], columns: 'loose' };
  }
  const inputs = alike(world);
  return inputs.length < 2 ? undefined : { type: 'union', inputs };
}

function top(world: World): OperatorDocument | undefined {
  const { random } = world;
  const [input, { schema, hasTime, isChanging }] = drawStream(world);
  const able = schema.filter(isKey).map(({ name }) => name);
  if (able.length < schema.length || isChanging) return undefined;
  const orderBy = [...new Set([random.pick(able), random.pick(able)])].map((name) =>
    random.chance(0.5) ? `-${name}` : name,
  );
  const windows = drawWindow(random) as { type: string; allowedLateness?: string };
  const window =
    hasTime &&
    windows.type !== 'session' &&
    windows.allowedLateness === undefined &&
    random.chance(0.6)
      ? { window: windows }
      : {};
  return {
    type: 'top',
    input,
    n: random.pick([1, 2, 5, 100]),
    orderBy,
    ...(random.chance(0.6) ? { groupBy: drawKeys(random, schema) } : {}),
    ...window,
    ...(random.chance(0.3) ? { ties: true } : {}),
    ...(random.chance(0.5) ? { rank: `rank${random.below(100)}` } : {}),
  };
}

function dedup(world: World): OperatorDocument | undefined {
  const { random } = world;
  const [input, { schema, isOrdered, hasTime }] = drawStream(world);
  const key = drawKeys(random, schema);
  if (!isOrdered || key.length === 0) return undefined;
  const within = hasTime && random.chance(0.5) ? { within: drawLength(random) } : {};
  const last = random.chance(0.5)
    ? { keep: 'last', ...(random.chance(0.3) ? { emit: 'onChange' } : {}) }
    : {};
  return { type: 'dedup', input, key, ...within, ...last };
}

function unnest(world: World): OperatorDocument | undefined {
  const { random } = world;
  const [input, { schema }] = drawStream(world);
  const list = schema.find(({ type }) => type.kind === 'json');
  if (list === undefined) return undefined;
  const at = random.below(1000);
  const columns: Record<string, string> = random.chance(0.6)
    ? { [`u${at}`]: random.pick(['int32', 'int64', 'float64']) }
    : { n: 'int64', s: 'string' };
  return {
    type: 'unnest',
    input,
    column: list.name,
    columns,
    ...(random.chance(0.4) ? { position: `p${at}` } : {}),
    ...(random.chance(0.4) ? { outer: true } : {}),
    ...SKIPPING,
  };
}

function pivot(world: World): OperatorDocument | undefined {
  const [input, { schema }] = drawStream(world);
  const object = schema.find(({ type }) => type.kind === 'json');
  if (object === undefined) return undefined;
  return {
    type: 'pivot',
    input,
    column: object.name,
    columns: { n: world.random.pick(['int32', 'float64']), s: 'string' },
    ...SKIPPING,
  };
}

function lookup(world: World): OperatorDocument | undefined {
  const { random } = world;
  const [input, { schema, isChanging }] = drawStream(world);
  const able = schema.filter(({ type }) => !['float64', 'json'].includes(type.kind));
  if (able.length === 0 || isChanging) return undefined;
  const fields = [random.pick(able)];
  const { path, schema: columns, key } = world.drawTable(fields);
  return {
    type: 'lookup',
    input,
    table: { path, schema: columns },
    on: Object.fromEntries(fields.map(({ name }, i) => [name, key[i]!])),
    kind: random.pick(['inner', 'left', 'semi', 'anti']),
  };
}

function sort(world: World): OperatorDocument | undefined {
  const { random } = world;
  const [input, { schema, hasTime, isChanging }] = drawStream(world);
  if (isChanging) return undefined;
  if (random.chance(0.4)) {
    const inputs = alike(world);
    if (inputs.length < 2) return undefined;
    const able = schema.filter(({ type }) => ['int32', 'int64', 'timestamp'].includes(type.kind));
    if (hasTime && random.chance(0.5)) return { type: 'merge', inputs };
    return able.length === 0
      ? undefined
      : { type: 'merge', inputs, orderBy: random.pick(able).name };
  }
  const able = schema.filter(isKey).map(({ name }) => name);
  if (able.length === 0) return undefined;
  const orderBy = random.chance(0.5) || !hasTime ? { orderBy: [random.pick(able)] } : {};
  const groupBy = random.chance(0.3) ? { groupBy: [random.pick(able)] } : {};
  return random.chance(0.5)
    ? { type: 'bsort', input, ...orderBy, slack: random.pick([0, 1, 10, 300]), ...groupBy }
    : { type: 'wsort', input, ...orderBy, ...groupBy };
}

function split(world: World): OperatorDocument {
  const [input] = drawStream(world);
  const { random } = world;
  return { type: 'split', input, outputs: ['a', 'b'], each: random.pick(['batch', 'row']) };
}

function sequence(world: World): OperatorDocument | undefined {
  const [input, { isOrdered }] = drawStream(world);
  return isOrdered ? { type: 'sequence', input, as: `q${world.random.below(1000)}` } : undefined;
}
