/** Random joins. @module */

import type { Field, Schema } from '../../../../src/core/schema.ts';
import type { OperatorDocument } from '../model/evaluate.ts';
import type { ModelStream } from '../model/stream.ts';
import type { Random } from '../../oracle/random.ts';
import { drawLength, drawStream, isKey, type World } from './world.ts';

/** A join of any kind, with at least one equality. */
export function drawJoin(world: World): OperatorDocument | undefined {
  const { random } = world;
  const [[l, left], [r, right]] = [drawStream(world), drawStream(world)];
  if (l === r || left.isChanging || right.isChanging) return undefined;
  const pairs = left.schema
    .filter(isKey)
    .flatMap((a) =>
      right.schema
        .filter((b) => JSON.stringify(a.type) === JSON.stringify(b.type))
        .map((b) => `l."${a.name}" = r."${b.name}"`),
    );
  if (pairs.length === 0) return undefined;
  const equalities = [
    ...new Set(Array.from({ length: random.pick([1, 1, 2]) }, () => random.pick(pairs))),
  ];
  const kind = random.pick(['inner', 'inner', 'left', 'right', 'full', 'semi', 'anti']);
  const rest = random.chance(0.2) ? [residual(random, left, right)] : [];
  const on = [...equalities, ...rest].join(' AND ');
  const takesRight = kind !== 'semi' && kind !== 'anti';
  const select = Object.fromEntries([
    ...some(random, left.schema).map(({ name }, i) => [`l${i}`, `l."${name}"`]),
    ...(takesRight ? some(random, right.schema) : []).map(({ name }, i) => [
      `r${i}`,
      `r."${name}"`,
    ]),
  ]) as Record<string, string>;
  const hasTime = left.hasTime && right.hasTime;
  const time = takesRight && random.chance(0.2) ? { time: 'right' } : {};
  const parallel = random.chance(0.15) ? { parallel: random.between(1, 3) } : {};
  const common = { type: 'join', inputs: [l, r], on, kind, select, ...parallel };
  if (!hasTime || random.chance(0.3)) return common;
  if (random.chance(0.15) && ['inner', 'left'].includes(kind)) {
    const within = random.chance(0.5) ? { within: { before: drawLength(random) } } : {};
    return { ...common, on: equalities.join(' AND '), asOf: true, ...within };
  }
  if (random.chance(0.5)) {
    const within = {
      before: random.pick(['0s', drawLength(random)]),
      after: random.pick(['0s', drawLength(random)]),
    };
    return { ...common, within, ...time };
  }
  const window = random.chance(0.6)
    ? { type: 'tumbling', size: drawLength(random) }
    : { type: 'hopping', size: '6s', slide: random.pick(['2s', '3s']) };
  return { ...common, window };
}

function residual(random: Random, left: ModelStream, right: ModelStream): string {
  const a = random.pick(left.schema.filter(isKey));
  const b = right.schema.find((field) => JSON.stringify(field.type) === JSON.stringify(a.type));
  if (b === undefined) return `l."${a.name}" IS NOT NULL`;
  return `l."${a.name}" ${random.pick(['<', '<>', '>='])} r."${b.name}"`;
}

function some(random: Random, schema: Schema): Field[] {
  const taken = schema.filter(() => random.chance(0.6));
  return taken.length === 0 ? [random.pick(schema)] : taken;
}
