/**
 * Decoding JSON Lines with kernels gives the same rows, rejects and line numbers as decoding line by
 * line in TypeScript, for any columns, whatever is in the file and wherever its blocks end.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JSONL, schemaOf } from '../conformance/codec-support.ts';
import {
  cuts,
  EDGES,
  EDGE_TYPES,
  ESCAPED,
  eachBehindPlain,
  expectSame,
  GOOD,
  GOOD_EDGE,
  NUMBERS,
  plainText,
} from './decode-texts.ts';

/** Types of columns by the letter under which texts of their values are known. */
const TYPES = [
  ['t', 'timestamp'],
  ['i', 'int32'],
  ['l', 'int64'],
  ['f', 'float64'],
  ['d', 'decimal(12,3)'],
  ['d', 'decimal(18,0)'],
  ['d', 'decimal(18,17)'],
  ['d', 'decimal(3,3)'],
  ['b', 'bool'],
  ['s', 'string'],
  ['s', 'string'],
  ['s', 'string'],
] as const;

/** A member of the objects of a file: of a column, or of nobody. */
interface Member {
  readonly name: string;
  readonly letter: string;
  readonly type: string;
}

const names = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom(...'abcde'.split('')) }) },
  fc.constantFrom('{', '":', 'a,b', 'line\nend', 'größe', '\\', '😀', 'x'.repeat(15)),
  fc.integer({ min: 14, max: 40 }).map((n) => 'long-name-'.padEnd(n, '#')),
);

const members: fc.Arbitrary<Member[]> = fc.uniqueArray(
  fc
    .tuple(names, fc.constantFrom(...TYPES))
    .map(([name, [letter, type]]) => ({ name, letter, type })),
  { selector: ({ name }) => name, minLength: 1, maxLength: 8 },
);

const isText = (letter: string): boolean => letter === 's';
const isTime = (letter: string): boolean => letter === 't';

/** The plain value of a member, as JSON. */
function goodValue({ letter, type }: Member): string {
  if (isText(letter) || isTime(letter)) return JSON.stringify(GOOD[letter]);
  return type === 'decimal(12,3)' ? GOOD['d']! : letter === 'd' ? '0' : GOOD[letter]!;
}

const numbers = fc.oneof(
  fc.constantFrom('0', '-0', '00', '01', '-1', '1.', '.1', '1e3', '1E-2', '1.0', '-', '--1', '+1'),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  fc.double().map((value) => JSON.stringify(value)),
);
const words = fc.constantFrom(
  'null',
  'nul',
  'nulls',
  'true',
  'false',
  'truex',
  'nope',
  'falsy',
  '',
  'NaN',
);
const nested = fc.json({ maxDepth: 2 });

/** JSON values, and what is none: mostly such as the type has. */
function valueOf({ letter }: Member): fc.Arbitrary<string> {
  const own = (NUMBERS[letter] ?? plainText).map((text) => text.replaceAll('\n', ' '));
  const quoted = fc.oneof(
    own.map((text) => JSON.stringify(text)),
    own.map((text) => `"${text}"`),
    fc.constantFrom('"', '"a', '"a"b', '"\\u0041"', '"\\x"', '"\\', '"a\\"b"', '"\\ud800"', '""'),
  );
  return fc.oneof(
    { weight: isText(letter) ? 2 : 30, arbitrary: own },
    { weight: isText(letter) || isTime(letter) ? 30 : 3, arbitrary: quoted },
    { weight: 4, arbitrary: words },
    { weight: 4, arbitrary: numbers },
    { weight: 1, arbitrary: nested },
  );
}

/** How lines are written: which members in which order, and what stands between them. */
interface Style {
  readonly order: readonly Member[];
  readonly space: string;
  readonly spaceAfter: string;
  readonly lineEnd: string;
}

function styleOf(all: readonly Member[]): fc.Arbitrary<Style> {
  const blank = fc.constantFrom('', '', '', ' ', '\t ', ' '.repeat(20));
  const order = fc.oneof(
    { weight: 3, arbitrary: fc.constant(all) },
    fc.shuffledSubarray([...all]),
    fc.shuffledSubarray([...all], { minLength: all.length }),
    fc.constantFrom(...all).map((twice) => [...all, twice]),
  );
  const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', ' \n');
  return fc.record({ order, space: blank, spaceAfter: blank, lineEnd });
}

function lineOf({ order, space, spaceAfter, lineEnd }: Style, values: readonly string[]): string {
  const written = order.map(
    ({ name }, i) => `${space}${JSON.stringify(name)}${space}:${spaceAfter}${values[i]}${space}`,
  );
  return `${space}{${written.join(`,${spaceAfter}`)}}${lineEnd}`;
}

/** A line in a style, mostly good but for one value. */
function lineIn(style: Style): fc.Arbitrary<string> {
  const good = style.order.map(goodValue);
  if (good.length === 0) return fc.constant(lineOf(style, []));
  const oneOff = fc
    .nat(good.length - 1)
    .chain((i) => valueOf(style.order[i]!).map((value) => lineOf(style, good.with(i, value))));
  return fc.oneof(
    { weight: 16, arbitrary: fc.constant(lineOf(style, good)) },
    { weight: 8, arbitrary: oneOff },
    {
      weight: 2,
      arbitrary: fc.tuple(...style.order.map(valueOf)).map((values) => lineOf(style, values)),
    },
    {
      weight: 1,
      arbitrary: fc.nat(20).map((cut) => `${lineOf(style, good).trimEnd().slice(0, -cut)}\n`),
    },
  );
}

const otherLines = fc.constantFrom('\n', ' \r\n', '{}\n', '[]\n', '{"a" 1}\n', '{"a":{"b":[1]}}\n');

interface File {
  readonly columns: readonly Member[];
  readonly text: string;
}

/** Files of lines in a few styles, and the columns that are wanted of them. */
const files: fc.Arbitrary<File> = members.chain((all) =>
  fc
    .record({
      styles: fc.array(styleOf(all), { minLength: 1, maxLength: 3 }),
      columns: fc.shuffledSubarray(all, { minLength: 1 }),
    })
    .chain(({ styles, columns }) => {
      const line = fc.oneof(...styles.map((style) => ({ weight: 10, arbitrary: lineIn(style) })), {
        weight: 1,
        arbitrary: otherLines,
      });
      return fc
        .tuple(fc.constantFrom('', '\ufeff'), fc.array(line, { maxLength: 30 }), fc.boolean())
        .map(([mark, lines, isCut]) => {
          const text = mark + lines.join('');
          return { columns, text: isCut ? text.trimEnd() : text };
        });
    }),
);

const schemaFor = (columns: readonly Member[]) =>
  schemaOf(Object.fromEntries(columns.map(({ name, type }) => [name, type])));

test('kernels read what TypeScript reads', () => {
  fc.assert(
    fc.property(files, cuts, ({ columns, text }, options) => {
      const timeColumn = columns[0]!.letter === 't' ? options.timeColumn : -1;
      expectSame(JSONL, schemaFor(columns), text, { ...options, timeColumn });
    }),
    { numRuns: 300 },
  );
});

test('bytes that are no UTF-8', () => {
  const damages = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0x80, max: 0xff })), {
    maxLength: 3,
  });
  fc.assert(
    fc.property(files, damages, cuts, ({ columns, text }, damage, options) => {
      const input = new TextEncoder().encode(text);
      if (input.length === 0) return;
      for (const [at, byte] of damage) input[at % input.length] = byte;
      expectSame(JSONL, schemaFor(columns), input, { ...options, timeColumn: -1 });
    }),
    { numRuns: 100 },
  );
});

test.each(Object.keys(EDGES))('edges of %s', (letter) => {
  const texts = EDGES[letter]!;
  for (const type of EDGE_TYPES[letter]!) {
    const schema = schemaOf({ x: type, i: 'int32' });
    const good = GOOD_EDGE[type] ?? GOOD[letter]!;
    const quote = letter === 't' || letter === 's' ? '"' : '';
    const text = (line: (value: string) => string): string =>
      eachBehindPlain(line(good), texts.map(line));
    const options = { blockBytes: 1 << 17, rowCapacity: 1024 };
    for (const mark of ['', '"']) {
      const value = (raw: string) => (raw === good ? quote + raw + quote : mark + raw + mark);
      expectSame(
        JSONL,
        schema,
        text((raw) => `{"x":${value(raw)},"i":1}`),
        options,
      );
      expectSame(
        JSONL,
        schema,
        text((raw) => `{"y":${value(raw)},"i":1,"x":${value(raw)} }\r`),
        options,
      );
    }
  }
});

test.each([0, 16, 40, 1 << 16])('escapes, heap of %i bytes', (heapBytes) => {
  const schema = schemaOf({ s: 'string', i: 'int32', r: 'string' });
  const line = (text: string): string => `{"s":${text},"i":1,"r":${text}}`;
  const text = eachBehindPlain(line('"plain"'), ESCAPED.map(line));
  expectSame(JSONL, schema, text, { blockBytes: 1 << 17, rowCapacity: 1024, heapBytes });
});

test('bytes that are no UTF-8 behind an escape', () => {
  const schema = schemaOf({ s: 'string', i: 'int32' });
  const plain = '{"s":"plain","i":1}\n'.repeat(3);
  for (let behind = 0; behind < 40; behind++) {
    const escaped = `{"s":"\\n${'x'.repeat(behind)}?","i":1}\n`;
    const input = new TextEncoder().encode(plain + escaped + plain);
    input[input.indexOf(0x3f)] = 0xff;
    // Whether the second block is UTF-8 nobody has asked before.
    expectSame(JSONL, schema, input, { blockBytes: 4096, pieces: [plain.length, 4096] });
  }
});

const SCHEMA = schemaOf({ t: 'timestamp', i: 'int32', l: 'int64', f: 'float64', s: 'string' });
const LINE = `{"t":${JSON.stringify(GOOD['t'])},"i":1,"l":-22,"f":0.5,"s":"a text of some length"}`;

describe('blocks end at every byte', () => {
  const nulls = LINE.replace(':1', ':null').replace('0.5', 'null');
  const reordered = '{"s":"", "f":1.25, "x":"no column", "t":1767225600000}';
  const texts = [
    `${LINE}\n${LINE}\n${nulls}\r\n\n${reordered}\n${reordered}\n${LINE}`,
    `${LINE}\n${LINE.replace('text', 't\\u00e4xt')}\n${LINE.replace(':1', ':"one"')}\n${LINE}\n`,
  ];
  test.each(texts)('%s', (text) => {
    for (let size = 1; size <= text.length; size++) {
      expectSame(JSONL, SCHEMA, text, { pieces: [size], timeColumn: 0 });
      expectSame(JSONL, SCHEMA, text, { pieces: [size, 1 << 20], timeColumn: 0, blockBytes: 4096 });
    }
  });
});

test('batches fill up at any row', () => {
  const text = `${LINE}\n`.repeat(300);
  for (const rowCapacity of [64, 128, 1024]) {
    expectSame(JSONL, SCHEMA, text, { rowCapacity, blockBytes: 4096, timeColumn: 0 });
  }
});

test('members twice, of which the last counts', () => {
  const twice = (values: string[]) => `{"i":${values[0]},"l":1,"i":${values[1]}}\n`;
  const pairs = [
    ['1', '2'],
    ['1', 'null'],
    ['null', '2'],
    ['null', 'null'],
    ['"x"', '2'],
  ];
  expectSame(JSONL, SCHEMA, pairs.map(twice).join('').repeat(3), { blockBytes: 4096 });
});

test('objects with many shapes, and with very many members', () => {
  const wide = Array.from({ length: 200 }, (_, i) => [`c${i}`, 'int32']);
  const lines = Array.from({ length: 100 }, (_, row) => {
    const count = row % 2 === 0 ? 200 : (row * 7) % 190;
    return JSON.stringify(Object.fromEntries(wide.slice(0, count).map(([name], i) => [name!, i])));
  });
  const text = `${lines.join('\n')}\n`;
  for (const columns of [3, 100, 128, 129, 200]) {
    const schema = schemaOf(Object.fromEntries(wide.slice(0, columns)) as Record<string, string>);
    expectSame(JSONL, schema, text, { blockBytes: 4096, rowCapacity: 1024 });
  }
  expect(lines).toHaveLength(100);
});
