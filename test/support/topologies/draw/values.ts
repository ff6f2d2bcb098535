/** Random columns: types, and values with the edges of each. @module */

import type { Field } from '../../../../src/core/schema.ts';
import { type DataType, typeName } from '../../../../src/core/types.ts';
import type { Value } from '../../../../src/expr/index.ts';
import type { Random } from '../../oracle/random.ts';

/** A column of a source. */
export interface DrawnColumn extends Field {
  readonly draw: () => Value;
}

const LONG = 'a text that is longer than what a view holds';
const TEXTS = [
  '',
  'a',
  'b',
  'Ab',
  'ab',
  'twelve bytes',
  'twelve bytez',
  'thirteen byte',
  LONG,
  `${LONG}!`,
  'é',
  'ÄÖ ß',
  '😀',
  '😀😀😀😀',
  ' padded ',
  '12',
  'a,"b"',
  'zwei\nZeilen',
  'x'.repeat(600),
];
const BASE = LONG.length;

type Draw = () => Value;

/** A column of a random type, with values of a random shape. */
export function drawColumn(random: Random, name: string): DrawnColumn {
  const [type, draw] = drawType(random);
  const nulls = random.pick([0, 0, 0.05, 0.3, random.chance(0.1) ? 1 : 0.1]);
  return { name, type, draw: () => (random.chance(nulls) ? null : draw()) };
}

/** A whole type from its name. */
const kind = (name: Exclude<DataType['kind'], 'decimal'>): DataType => ({ kind: name });

function drawType(random: Random): [DataType, Draw] {
  switch (random.below(11)) {
    case 0:
    case 1:
      return [kind('int32'), int32s(random)];
    case 2:
    case 3:
      return [kind('int64'), int64s(random)];
    case 4:
    case 5:
      return [kind('float64'), floats(random)];
    case 6:
    case 7:
      return [kind('string'), texts(random)];
    case 8:
      return drawDecimal(random);
    case 9:
      return random.pick<[DataType, Draw]>([
        [kind('bool'), () => random.chance(0.5)],
        [kind('timestamp'), () => BigInt(random.between(-5, 500)) * 1_000_003n],
        [kind('duration'), () => BigInt(random.between(-50, 50)) * 250_001n],
        [kind('bytes'), () => new TextEncoder().encode(random.pick(TEXTS))],
      ]);
    default:
      return [kind('json'), jsons(random)];
  }
}

function drawDecimal(random: Random): [DataType, Draw] {
  const [precision, scale] = random.pick([
    [10, 2],
    [5, 1],
    [9, 0],
  ] as const);
  const most = 10 ** Math.min(precision, 7) - 1;
  const size = random.pick([9, 500, most]);
  return [{ kind: 'decimal', precision, scale }, () => BigInt(random.between(-size, size))];
}

function int32s(random: Random): Draw {
  const size = random.pick([1, 3, 17, 300]);
  return random.pick<Draw>([
    () => random.below(size),
    () => random.between(-size, size),
    () => Math.imul(random.below(size), 2_654_435_761) | 0,
    () =>
      random.chance(0.1)
        ? random.pick([2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1, 65_536])
        : random.between(-20, 20),
  ]);
}

function int64s(random: Random): Draw {
  const size = random.pick([1, 5, 40, 2000]);
  return random.pick<Draw>([
    () => BigInt(random.below(size)),
    () => BigInt(random.between(-size, size)),
    () => BigInt(random.below(size)) * 7_777_777_777n - 5_000_000_000_000n,
    () =>
      random.chance(0.1)
        ? random.pick([2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -(2n ** 31n) - 1n])
        : BigInt(random.between(-20, 20)),
  ]);
}

function floats(random: Random): Draw {
  const size = random.pick([4, 40, 4000]);
  const plain = (): number => random.between(-size, size) / 4;
  return random.pick<Draw>([
    plain,
    () =>
      random.chance(0.1) ? random.pick([Number.NaN, Infinity, -Infinity, -0, 0, 5e-324]) : plain(),
  ]);
}

function texts(random: Random): Draw {
  const size = random.pick([2, 20, 1000]);
  return random.pick<Draw>([
    () => random.pick(TEXTS),
    () => random.pick(['', 'a', 'b', LONG]),
    () => `k${random.below(size)}`,
    () => `a key that does not fit its view ${random.below(size)}`,
  ]);
}

function jsons(random: Random): Draw {
  const element = random.pick<Draw>([
    () => random.between(-9, 9),
    () => ({ n: random.between(-9, 9), s: random.pick(TEXTS.slice(0, BASE)) }),
    () => random.pick([1, 'a', null, { n: 2 }]),
  ]);
  const list = (): Value =>
    Array.from({ length: random.pick([0, 1, 2, 5]) }, () => element() as never);
  return random.pick<Draw>([
    list,
    list,
    () => (random.chance(0.1) ? random.pick<Value>([{ n: 1 }, 'no list', 7]) : list()),
    () => ({ n: random.below(5), s: random.pick(TEXTS) }),
  ]);
}

/** A literal of a type near its values, or none. */
export function drawLiteral(random: Random, { kind, ...type }: DataType): string | undefined {
  switch (kind) {
    case 'int32':
      return String(random.between(-20, 20));
    case 'int64':
      return random.chance(0.9) ? String(random.between(-20, 20)) : '7777777777';
    case 'float64':
      return `${random.between(-40, 40) / 4}e0`;
    case 'decimal':
      return 'scale' in type && type.scale > 0
        ? `DECIMAL '${(random.between(-90, 90) / 10).toFixed(1)}'`
        : String(random.between(-50, 50));
    case 'string':
      return `'${random.pick(TEXTS).replaceAll("'", "''")}'`;
    case 'bool':
      return random.pick(['TRUE', 'FALSE']);
    case 'timestamp':
      return `TIMESTAMP '1970-01-01 00:0${random.below(9)}:00'`;
    case 'duration':
      return `INTERVAL '${random.below(9)}' SECOND`;
    default:
      return undefined;
  }
}

/** Columns as a document declares them. */
export function schemaDocument(schema: readonly Field[]): Record<string, string> {
  return Object.fromEntries(schema.map(({ name, type }) => [name, typeName(type)]));
}
