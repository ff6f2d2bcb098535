/** Random SQL expressions that type-check, and random rows for them. @module */

import * as fc from 'fast-check';
import type { Schema } from '../../src/core/schema.ts';
import type { DataType } from '../../src/core/types.ts';
import type { Value } from '../../src/expr/index.ts';
import { FUNCTION_TEMPLATES } from './expr-function-grammar.ts';

const type = (kind: Exclude<DataType['kind'], 'decimal'>): DataType => ({ kind });
const decimal = (precision: number, scale: number): DataType => ({
  kind: 'decimal',
  precision,
  scale,
});

/** Two columns of most types, with names that SQL has other uses for. */
export const SCHEMA: Schema = [
  { name: 'i', type: type('int32') },
  { name: 'value', type: type('int32') },
  { name: 'b', type: type('int64') },
  { name: 'key', type: type('int64') },
  { name: 'x', type: type('float64') },
  { name: 'y', type: type('float64') },
  { name: 'd', type: decimal(10, 2) },
  { name: 'e', type: decimal(18, 6) },
  { name: 'f', type: type('bool') },
  { name: 'g', type: type('bool') },
  { name: 's', type: type('string') },
  { name: 'user', type: type('string') },
  { name: 'timestamp', type: type('timestamp') },
  { name: 'ts', type: type('timestamp') },
  { name: 'du', type: type('duration') },
  { name: 'by', type: type('bytes') },
  { name: 'j', type: type('json') },
];

const INT32_EDGES = [0, 1, -1, 2, 7, 10, -3, 2147483647, -2147483648, 65536];
const INT64_EDGES = [
  0n,
  1n,
  -1n,
  10n,
  -7n,
  2n ** 31n,
  -(2n ** 31n) - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 53n - 1n,
  -(2n ** 53n),
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  4611686018427387904n,
];
const FLOAT_EDGES = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2.5,
  1.005,
  NaN,
  Infinity,
  -Infinity,
  1e300,
  5e-324,
  2147483647.5,
  -2147483648.9,
  9007199254740994,
  9.3e18,
];
const STRINGS = [
  '',
  'a',
  'ads',
  'Ab',
  'z',
  'é',
  '\uffff',
  '😀',
  '😀😀b',
  'twelve bytes',
  'twelve bytez',
  'nine byte',
  'nine bytf',
  'thirteen byte',
  'a longer string that lies in the heap',
  'a longer string that lies in the heaq',
  'a/b/c',
  '  padded ',
  '12',
  '-7.5',
  'true',
  '2026-01-31 23:59:59',
  '100%_',
  "it's",
];

const stringValue = fc.oneof(
  fc.constantFrom(...STRINGS),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.toWellFormed()),
  fc.string({ unit: fc.constantFrom('a', 'b', '%', '_', 'é', '😀'), maxLength: 40 }),
);
const int64Value = fc.oneof(
  fc.constantFrom(...INT64_EDGES),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -1000n, max: 1000n }),
);

/** A value of a type, null one time in six. */
function valueOf(dataType: DataType): fc.Arbitrary<Value> {
  return fc.option(presentValueOf(dataType), { freq: 6, nil: null });
}

function presentValueOf(dataType: DataType): fc.Arbitrary<Value> {
  switch (dataType.kind) {
    case 'bool':
      return fc.boolean();
    case 'int32':
      return fc.oneof(
        fc.constantFrom(...INT32_EDGES),
        fc.integer(),
        fc.integer({ min: -20, max: 20 }),
      );
    case 'int64':
      return int64Value;
    case 'float64':
      return fc.oneof(
        fc.constantFrom(...FLOAT_EDGES),
        fc.double(),
        fc.double({ min: -100, max: 100 }),
      );
    case 'decimal': {
      const most = 10n ** BigInt(dataType.precision) - 1n;
      return fc.oneof(
        fc.constantFrom(0n, 1n, -1n, 5n, -5n, 250n, most, -most),
        fc.bigInt({ min: -most, max: most }),
        fc.bigInt({ min: -10_000n, max: 10_000n }),
      );
    }
    case 'timestamp':
      return fc.oneof(
        fc.constantFrom(0n, -1n, 1_769_903_999_123_456n, -62_135_596_800_000_001n),
        fc.bigInt({ min: -(2n ** 55n), max: 2n ** 55n }),
        fc.bigInt({ min: 1_769_900_000_000_000n, max: 1_769_903_600_000_000n }),
        int64Value,
      );
    case 'duration':
      return fc.oneof(fc.constantFrom(0n, 1n, 90_000_000n, -86_400_000_001n), int64Value);
    case 'string':
      return stringValue;
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 });
    case 'json':
      return fc.oneof(
        fc.integer(),
        fc.integer({ min: -200, max: 300 }),
        fc
          .oneof(fc.integer({ min: -40, max: 40 }), fc.string(), fc.boolean())
          .map((a): Value => ({ a })),
        fc
          .jsonValue({ maxDepth: 2 })
          .filter((value) => value !== null)
          .map((value) => JSON.parse(JSON.stringify(value).replaceAll('__proto__', 'p')) as Value),
      );
  }
}

/** A row: one value per column of {@link SCHEMA}. */
export const rowArbitrary: fc.Arbitrary<readonly Value[]> = fc.tuple(
  ...SCHEMA.map((field) => valueOf(field.type)),
);

/** What expressions are made of, by type. */
type Grammar = {
  readonly int32: string;
  readonly int64: string;
  readonly float64: string;
  readonly decimal: string;
  readonly bool: string;
  readonly string: string;
  readonly timestamp: string;
  readonly duration: string;
  readonly any: string;
};

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const integerLiteral = (value: number | bigint) => String(value);
const floatLiteral = (value: number) =>
  Number.isFinite(value)
    ? /[.e]/.test(String(value))
      ? String(value)
      : `${value}.0`
    : `CAST('${value}' AS double)`;

type Tie = (key: keyof Grammar) => fc.Arbitrary<string>;
type Template = string;

/** `@i` and the like in a template stand for an expression of a type. */
const HOLES: Readonly<Record<string, keyof Grammar>> = {
  '@i': 'int32',
  '@b': 'int64',
  '@x': 'float64',
  '@d': 'decimal',
  '@f': 'bool',
  '@s': 'string',
  '@t': 'timestamp',
  '@u': 'duration',
};

function filled(template: Template, tie: Tie): fc.Arbitrary<string> {
  const parts = template.split(/(@[a-z])/);
  const pieces = parts.map((part) =>
    HOLES[part] === undefined ? fc.constant(part) : tie(HOLES[part]),
  );
  return fc.tuple(...pieces).map((texts) => texts.join(''));
}

const choice = (hole: string) => [
  `CASE WHEN @f THEN ${hole} ELSE ${hole} END`,
  `CASE WHEN @f THEN ${hole} WHEN @f THEN ${hole} END`,
  `CASE @i WHEN 1 THEN ${hole} WHEN @i THEN NULL ELSE ${hole} END`,
  `COALESCE(${hole}, ${hole})`,
  `COALESCE(NULL, ${hole}, ${hole})`,
];
const ordered = (hole: string) => [
  ...choice(hole),
  `NULLIF(${hole}, ${hole})`,
  `GREATEST(${hole}, ${hole})`,
  `LEAST(${hole}, ${hole}, ${hole})`,
];
const compared = (hole: string) => [
  ...['=', '<>', '<', '<=', '>', '>='].map((operator) => `${hole} ${operator} ${hole}`),
  `${hole} IS DISTINCT FROM ${hole}`,
  `${hole} IS NOT DISTINCT FROM ${hole}`,
  `${hole} BETWEEN ${hole} AND ${hole}`,
  `${hole} NOT IN (${hole}, ${hole})`,
  `${hole} IN (${hole}, NULL, ${hole})`,
  `${hole} IS NULL`,
  `${hole} IS NOT NULL`,
];
const summed = (hole: string) =>
  ['+', '-', '*', '/', '%'].map((operator) => `(${hole} ${operator} ${hole})`);

const TEMPLATES: Readonly<Record<Exclude<keyof Grammar, 'any'>, readonly Template[]>> = {
  int32: [
    'BITAND(@i, @i)',
    'BITOR(@i, @i)',
    'BITXOR(@i, @i)',
    'BITNOT(@i)',
    'BIT_COUNT(@b)',
    'BIT_COUNT(@i)',
    'SHIFT_LEFT(@i, 3)',
    'SHIFT_RIGHT(@i, @i)',
    'SHIFT_RIGHT_UNSIGNED(@i, 31)',
    'FLOOR_MOD(@i, 7)',
    'CLAMP(@i, -5, 100)',
    'CLAMP(@i, @i, @i)',
    'EXTRACT(ISOYEAR FROM @t)',
    'EXTRACT(CENTURY FROM @t)',
    'EXTRACT(DECADE FROM @t)',
    'EXTRACT(MILLENNIUM FROM @t)',
    ...ordered('@i'),
    ...summed('@i'),
    '(@i / 3)',
    '(@i % 10)',
    '(@i % -1)',
    '(@i / 0)',
    '(@i / -1)',
    '(@i + 1)',
    '(2 - @i)',
    '(@i * 1000)',
    '(- @i)',
    'ABS(@i)',
    'SIGN(@d)',
    'ROUND(@i, -1)',
    'CAST(@b AS int)',
    'CAST(@x AS int)',
    'CAST(@f AS int)',
    'TRY_CAST(@s AS int)',
    'CAST(@d AS int)',
    'CHAR_LENGTH(@s)',
    'OCTET_LENGTH(@s)',
    'POSITION(@s IN @s)',
    'EXTRACT(HOUR FROM @t)',
    'EXTRACT(DOW FROM @t)',
    'EXTRACT(MINUTE FROM @u)',
    'MONTH(@t)',
    'EXTRACT(SECOND FROM @t)',
    'EXTRACT(MILLISECOND FROM @t)',
    'EXTRACT(MICROSECOND FROM @t)',
    'EXTRACT(WEEK FROM @t)',
  ],
  int64: [
    'TIMESTAMPDIFF(DAY, @t, @t)',
    'TIMESTAMPDIFF(MONTH, @t, @t)',
    'TIMESTAMPDIFF(MICROSECOND, @t, @t)',
    'BITAND(@b, @i)',
    'BITOR(@b, @b)',
    'BITXOR(@b, @b)',
    'BITNOT(@b)',
    'SHIFT_LEFT(@b, 40)',
    'SHIFT_RIGHT(@b, @i)',
    'SHIFT_RIGHT_UNSIGNED(@b, 1)',
    'CLAMP(@b, @i, 9007199254740993)',
    'EPOCH_MS(@t)',
    'EPOCH_US(@t)',
    'UNIX_TIMESTAMP(@t)',
    ...ordered('@b'),
    ...summed('@b'),
    '(@b + @i)',
    '(@b * 3)',
    '(@b / 10)',
    '(@b % 7)',
    '(- @b)',
    'ABS(@b)',
    'ROUND(@b, -2)',
    'CAST(@i AS bigint)',
    'CAST(@x AS bigint)',
    'CAST(@d AS bigint)',
    'CAST(@t AS bigint)',
    'TRY_CAST(@s AS bigint)',
    'EXTRACT(EPOCH FROM @t)',
    'MOD(@b, @i)',
  ],
  float64: [
    'NANVL(@x, @x)',
    'CLAMP(@x, -1.5, 2.5)',
    'CLAMP(@x, @x, @x)',
    ...ordered('@x'),
    ...summed('@x'),
    '(@x * 0.908)',
    '(1.0 - @x)',
    '(@x - 0.5)',
    '(@x / 3)',
    '(2 / @x)',
    '(@x % 1.5)',
    '(@x + @b)',
    '(@d * @x)',
    '(- @x)',
    'ABS(@x)',
    'ROUND(@x)',
    'ROUND(@x, 2)',
    'TRUNC(@x, @i)',
    'FLOOR(@x)',
    'CEIL(@x)',
    'SQRT(@x)',
    'TRUNC(@x)',
    'LOG(@x)',
    'LOG(2, @x)',
    'LOG10(@x)',
    'LN(@x)',
    'EXP(@x)',
    'POWER(@x, 2)',
    'SIGN(@x)',
    'CAST(@b AS double)',
    'CAST(@d AS double)',
    'TRY_CAST(@s AS double)',
    '(@u / @u)',
  ],
  decimal: [
    ...choice('@d'),
    ...summed('@d'),
    "(@d * DECIMAL '0.908')",
    '(@d + @i)',
    '(@d - 1)',
    '(@d / 7)',
    '(@d / 4096)',
    '(@d % 3)',
    '(- @d)',
    'ABS(@d)',
    'ROUND(@d, 1)',
    'TRUNC(@d)',
    'FLOOR(@d)',
    'CEIL(@d)',
    'CAST(@x AS decimal(12, 3))',
    'CAST(@b AS decimal(18, 2))',
    'TRY_CAST(@s AS decimal(6, 2))',
    'CAST(@d AS decimal(9, 4))',
  ],
  bool: [
    'IS_NAN(@x)',
    'IS_FINITE(@x)',
    'IS_INFINITE(@x)',
    ...choice('@f'),
    ...compared('@i'),
    ...compared('@b'),
    ...compared('@x'),
    ...compared('@d'),
    ...compared('@s'),
    ...compared('@t'),
    ...compared('@u'),
    ...compared('@f'),
    ...Array<string>(6).fill('(@f AND @f)'),
    ...Array<string>(6).fill('(@f OR @f)'),
    '(@f AND @f AND @f)',
    '(@f OR @f OR @f)',
    'NOT (@f)',
    'NOT (@f)',
    '(@f) IS TRUE',
    '(@f) IS NOT FALSE',
    '@i < @b',
    '@d >= @i',
    '@d = @b',
    '@d > @x',
    '@i = 1.5',
    '5 < @b',
    '@i IN (1, 2, 7, NULL)',
    '@b NOT IN (1, -7, 9007199254740993)',
    '@x IN (0.0, 2.5)',
    "@x IN (1.0, CAST('NaN' AS double))",
    '@i / 0 = 1',
    'f AND @b % 0 = 1',
    "@s IN ('ads', 'a', 'thirteen byte')",
    "@s = 'ads'",
    "@s <> 'a longer string that lies in the heap'",
    "@s < 'b'",
    "@s LIKE 'a%'",
    "@s LIKE '%e'",
    "@s LIKE '%a%'",
    "@s LIKE 'ads'",
    "@s LIKE 'a_%b'",
    "@s NOT LIKE '%!%%' ESCAPE '!'",
    '@s LIKE @s',
    "@t > '2026-01-01'",
    "@s LIKE ''",
    "@s LIKE '%'",
    "@s LIKE '_'",
    "@s LIKE '%é'",
    "@s LIKE '😀%'",
    "@s LIKE 'a%b'",
    'STARTS_WITH(@s, @s)',
    'ENDS_WITH(@s, @s)',
    'CONTAINS(@s, @s)',
    "CONTAINS(@s, 'a')",
    "ENDS_WITH(@s, 'b')",
    'TRY_CAST(@s AS boolean)',
    'by = by',
    "by < CAST('abc' AS bytes)",
    'j IS NULL',
    "JSON_EXISTS(j, '$.a')",
  ],
  string: [
    ...ordered('@s'),
    '(@s || @s)',
    "(@s || '-' || @s)",
    'UPPER(@s)',
    'LOWER(@s)',
    'REVERSE(@s)',
    'SUBSTRING(@s FROM 2 FOR 3)',
    'SUBSTRING(@s, @i)',
    'SUBSTRING(@s, @i, @i)',
    'LEFT(@s, 3)',
    'LEFT(@s, 0)',
    'LEFT(@s, @i)',
    'SUBSTRING(@s, -1, 4)',
    'SUBSTRING(@s, 3)',
    'CONCAT(@s, @s, @s)',
    "SPLIT_INDEX(@s, 'a', 0)",
    'SPLIT_INDEX(@s, @s, @i)',
    "DATE_FORMAT(@t, 'yyyy-MM-dd')",
    "DATE_FORMAT(@t, 'HH:mm:ss.SSS')",
    'RIGHT(@s, 2)',
    "LPAD(@s, 5, 'é')",
    'RPAD(@s, 7)',
    "REPLACE(@s, 'a', 'bb')",
    'TRIM(@s)',
    "TRIM(LEADING 'a' FROM @s)",
    'TRIM(TRAILING @s FROM @s)',
    "SPLIT_INDEX(@s, '/', 1)",
    "SPLIT_PART(@s, 'b', @i)",
    "REGEXP_EXTRACT(@s, '(a+)(b?)', 2)",
    'CAST(@i AS string)',
    'CAST(@x AS varchar(4))',
    'CAST(@d AS string)',
    'CAST(@f AS string)',
    'CAST(@t AS string)',
    'CAST(@u AS string)',
    "DATE_FORMAT(@t, 'yyyy-MM-dd HH:mm')",
    'CAST(j AS string)',
    "JSON_VALUE(j, '$.a')",
  ],
  timestamp: [
    'TIMESTAMPADD(MONTH, @i, @t)',
    'TIMESTAMPADD(SECOND, @i, @t)',
    "FROM_TIME_ZONE(@t, 'Europe/Berlin')",
    'TIMESTAMPADD(MONTH, -13, @t)',
    'TIMESTAMPADD(HOUR, 5, @t)',
    'DATE_ADD(YEAR, 20000, @t)',
    "FROM_TIME_ZONE(@t, 'Pacific/Apia')",
    "DATE_BIN('15m', @t)",
    "AT_TIME_ZONE(@t, 'America/New_York')",
    ...ordered('@t'),
    '(@t + @u)',
    '(@t - @u)',
    "(@t + INTERVAL '1' HOUR)",
    "DATE_TRUNC('hour', @t)",
    "DATE_TRUNC('month', @t)",
    "DATE_TRUNC('millisecond', @t)",
    "DATE_TRUNC('week', @t)",
    'FLOOR(@t TO DAY)',
    'TRY_CAST(@s AS timestamp)',
    'CAST(@b AS timestamp)',
  ],
  duration: [
    ...ordered('@u'),
    '(@t - @t)',
    '(@u + @u)',
    '(@u - @u)',
    '(@u * @i)',
    '(@b * @u)',
    '(@u * @x)',
    '(@u / 3)',
    '(@u / @x)',
    '(@u % @u)',
    '(- @u)',
    'ABS(@u)',
  ],
};

const LEAVES: Readonly<Record<Exclude<keyof Grammar, 'any'>, fc.Arbitrary<string>>> = {
  int32: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('i', 'value') },
    fc.constantFrom(...INT32_EDGES).map(integerLiteral),
  ),
  int64: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('b', 'key') },
    fc.constantFrom(...INT64_EDGES).map((value) => `CAST(${value} AS bigint)`),
  ),
  float64: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('x', 'y') },
    fc.constantFrom(...FLOAT_EDGES).map(floatLiteral),
  ),
  decimal: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('d', 'e') },
    fc.constantFrom("DECIMAL '0.908'", "DECIMAL '-12.5'", "DECIMAL '999999999999999999'"),
  ),
  bool: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('f', 'g') },
    fc.constantFrom('TRUE', 'FALSE', 'CAST(NULL AS boolean)'),
  ),
  string: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('s', 'user') },
    fc.constantFrom(...STRINGS).map(quoted),
  ),
  timestamp: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('timestamp', 'ts') },
    fc.constantFrom("TIMESTAMP '2026-01-31 23:59:59.5'", "TIMESTAMP '1969-12-31'"),
  ),
  duration: fc.oneof(
    { weight: 3, arbitrary: fc.constant('du') },
    fc.constantFrom("INTERVAL '90' SECOND", "INTERVAL '-1' DAY"),
  ),
};

/** Every operation of the grammar once, with holes for its operands. */
export const OPERATIONS: readonly string[] = Object.values(TEMPLATES).flat().filter(isFirst);

function isFirst(template: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(template) === index;
}

/** Constants for each hole. */
const LITERALS: Readonly<Record<string, readonly string[]>> = {
  '@i': ['0', '-1', '7', '-2147483648'],
  '@b': ['CAST(0 AS bigint)', 'CAST(-1 AS bigint)', '9007199254740993', '-9223372036854775808'],
  '@x': ['0.0', "CAST('NaN' AS double)", '2.5', '-1e300'],
  '@d': ["DECIMAL '0.908'", "DECIMAL '0'", "DECIMAL '-12.5'", "DECIMAL '999999999999999999'"],
  '@f': ['TRUE', 'FALSE', 'CAST(NULL AS boolean)'],
  '@s': ["'twelve bytes'", "''", "'😀'", "'a longer string that lies in the heap'"],
  '@t': ["TIMESTAMP '2026-01-31 23:59:59.5'", "TIMESTAMP '1969-12-31 23:59:59.999999'"],
  '@u': ["INTERVAL '90' SECOND", "INTERVAL '-1' DAY", "INTERVAL '0' SECOND"],
};

/** Two columns of the type of each hole. */
const COLUMNS: Readonly<Record<string, readonly [string, string]>> = {
  '@i': ['i', 'value'],
  '@b': ['b', 'key'],
  '@x': ['x', 'y'],
  '@d': ['d', 'e'],
  '@f': ['f', 'g'],
  '@s': ['s', '"user"'],
  '@t': ['"timestamp"', 'ts'],
  '@u': ['du', 'du'],
};

/** The operation with its holes filled, left to right, by what `fill` says. */
function withHoles(template: string, fill: (hole: string, occurrence: number) => string): string {
  let occurrence = 0;
  return template.replaceAll(/@[a-z]/g, (hole) => fill(hole, occurrence++));
}

const column = (hole: string, occurrence: number) => COLUMNS[hole]![occurrence % 2]!;

/** An operation of the grammar on two columns, and with a constant on either side. */
export function filledOperation(template: string): ReadonlySet<string> {
  const texts = new Set([withHoles(template, column)]);
  for (const pick of [0, 1, 2, 3]) {
    const place = pick === 1 ? 0 : 1;
    const fill = (hole: string, occurrence: number): string => {
      const literals = LITERALS[hole]!;
      return occurrence % 2 === place
        ? literals[pick % literals.length]!
        : column(hole, occurrence + place);
    };
    texts.add(withHoles(template, fill));
  }
  return texts;
}

/** All of them. */
export function filledOperations(): readonly string[] {
  return OPERATIONS.flatMap((template) => [...filledOperation(template)]);
}

/** Values of each kind that are likely to go wrong, null among them. */
export const EDGES: Readonly<Record<DataType['kind'], readonly Value[]>> = {
  bool: [true, false, null],
  int32: [...INT32_EDGES, null],
  int64: [...INT64_EDGES, null],
  float64: [...FLOAT_EDGES, null],
  decimal: [0n, 1n, -1n, 5n, -5n, 8n, -24n, 250n, 9_999_999_999n, -9_999_999_999n, null],
  timestamp: [
    0n,
    -1n,
    1_769_903_999_123_456n,
    1_769_904_000_000_000n,
    1_769_904_059_000_000n,
    1_769_904_060_000_000n,
    1_769_907_600_000_000n,
    -62_135_596_800_000_001n,
    2n ** 53n,
    -(2n ** 63n),
    2n ** 63n - 1n,
    null,
  ],
  duration: [0n, 1n, -1n, 90_000_000n, -86_400_000_001n, 2n ** 63n - 1n, -(2n ** 63n), null],
  string: [...STRINGS, null],
  bytes: [
    new Uint8Array(0),
    new Uint8Array([97, 98, 99]),
    new Uint8Array([97, 98, 99, 0]),
    new Uint8Array(20).fill(255),
    null,
  ],
  json: [
    {},
    { a: 1 },
    { a: 'x', b: [1, -1.5, null] },
    [],
    'text',
    7,
    -33,
    300,
    70000,
    2 ** 40,
    2n ** 60n,
    true,
    null,
  ],
};

/** SQL text of every type, up to a depth. */
export function expressionArbitrary(maxDepth: number): {
  readonly any: fc.Arbitrary<string>;
  readonly bool: fc.Arbitrary<string>;
} {
  const { any, bool } = fc.letrec<Grammar>((tie) => {
    const built = (key: Exclude<keyof Grammar, 'any'>): fc.Arbitrary<string> =>
      fc.oneof(
        { maxDepth, depthIdentifier: 'expression' },
        LEAVES[key],
        ...[...TEMPLATES[key], ...FUNCTION_TEMPLATES[key]].map((template) => filled(template, tie)),
      );
    return {
      int32: built('int32'),
      int64: built('int64'),
      float64: built('float64'),
      decimal: built('decimal'),
      bool: built('bool'),
      string: built('string'),
      timestamp: built('timestamp'),
      duration: built('duration'),
      any: fc.oneof(
        tie('int32'),
        tie('int64'),
        tie('float64'),
        tie('decimal'),
        tie('bool'),
        tie('string'),
        tie('timestamp'),
        tie('duration'),
        ...FUNCTION_TEMPLATES.any.map((template) => filled(template, tie)),
      ),
    };
  });
  return { any, bool };
}
