/** Functions of time, time zones, JSON and lists, against answers known from elsewhere. */
import { expect, test } from 'vitest';
import { interpret } from '../../../src/expr/index.ts';
import { fromLocal, timeZone, toLocal } from '../../../src/expr/scalar/time-zone.ts';
import { evaluate, refusal, table, typed, VALUES } from './evaluate.ts';

/** Timestamps and their text. */
function times(name: string, rows: readonly (readonly [string, string | null])[]): void {
  table(
    name,
    rows.map(([text, expected]) => [`CAST(${text} AS STRING)`, expected] as const),
  );
}

/** The offset of a zone with a colon. */
const OFFSET = 'X'.repeat(3);

const T = (text: string) => `TIMESTAMP '${text}'`;

times('counting in units', [
  [`TIMESTAMPADD(MONTH, 1, ${T('2026-01-31')})`, '2026-02-28T00:00:00.000Z'],
  [`TIMESTAMPADD(MONTH, -1, ${T('2024-03-31 12:00')})`, '2024-02-29T12:00:00.000Z'],
  [`TIMESTAMPADD('years', 1, ${T('2024-02-29')})`, '2025-02-28T00:00:00.000Z'],
  [`DATE_ADD(DAY, 30, ${T('2026-01-31')})`, '2026-03-02T00:00:00.000Z'],
  [`DATE_ADD(QUARTER, -3, ${T('2026-01-31')})`, '2025-04-30T00:00:00.000Z'],
  [`TIMESTAMPADD(CENTURY, 1, ${T('1900-02-28')})`, '2000-02-28T00:00:00.000Z'],
  [`ADD_MONTHS(${T('1970-01-01')}, -1)`, '1969-12-01T00:00:00.000Z'],
  [`LAST_DAY(${T('2024-02-10 11:00')})`, '2024-02-29T00:00:00.000Z'],
  ['MAKE_TIMESTAMP(2026, 1, 31)', '2026-01-31T00:00:00.000Z'],
  ['MAKE_TIMESTAMP(2026, 1, 31, 23, 59, 59.123456)', '2026-01-31T23:59:59.123456Z'],
  ['MAKE_INTERVAL(1, 2, 3, 4.5)', 'P1DT2H3M4.5S'],
  [`DATE_BIN('15m', ${T('2026-01-31 23:59')})`, '2026-01-31T23:45:00.000Z'],
  [`DATE_BIN('7d', ${T('2026-01-31')}, ${T('2026-01-05')})`, '2026-01-26T00:00:00.000Z'],
  [`DATE_BIN('1h', ${T('1969-12-31 23:30')})`, '1969-12-31T23:00:00.000Z'],
  [`DATE_TRUNC('decade', ${T('2026-05-01')})`, '2020-01-01T00:00:00.000Z'],
  [`DATE_TRUNC('century', ${T('2000-05-01')})`, '1901-01-01T00:00:00.000Z'],
]);

table('parts of time', [
  [`TIMESTAMPDIFF(MONTH, ${T('2026-01-31')}, ${T('2026-02-28')})`, 0n],
  [`TIMESTAMPDIFF(MONTH, ${T('2026-01-15 10:00')}, ${T('2026-03-15 09:59')})`, 1n],
  [`TIMESTAMPDIFF(MONTH, ${T('2026-03-15')}, ${T('2026-01-20')})`, -1n],
  [`TIMESTAMPDIFF(YEAR, ${T('2024-02-29')}, ${T('2026-02-28')})`, 1n],
  [`DATE_DIFF(DAY, ${T('2026-01-01 23:00')}, ${T('2026-01-03 22:00')})`, 1n],
  [`DATE_DIFF('hour', ${T('2026-01-02')}, ${T('2026-01-01')})`, -24n],
  [`MONTHS_BETWEEN(${T('2026-01-01')}, ${T('2027-01-01')})`, 12n],
  [`DAYS_IN_MONTH(${T('2100-02-01')})`, 28],
  [`DAYNAME(${T('2026-11-23')})`, 'Monday'],
  [`MONTHNAME(${T('2026-11-23')})`, 'November'],
  ['EPOCH_MS(t)', 1_700_000_000_123n],
  ['EPOCH_US(t)', 1_700_000_000_123_456n],
  [`UNIX_TIMESTAMP(${T('1969-12-31 23:59:59.5')})`, -1n],
  ['EXTRACT(NANOSECOND FROM t)', 123_456_000],
  [`EXTRACT(ISOYEAR FROM ${T('2027-01-01')})`, 2026],
  [`EXTRACT(DECADE FROM ${T('1999-01-01')})`, 199],
  [`EXTRACT(CENTURY FROM ${T('2000-12-31')})`, 20],
  [`EXTRACT(CENTURY FROM ${T('2001-01-01')})`, 21],
  [`EXTRACT(MILLENNIUM FROM ${T('2001-01-01')})`, 3],
  [
    'MAKE_TIMESTAMP(2026, 2, 29)',
    'badArgument: MAKE_TIMESTAMP found no date or time of these parts',
  ],
  ["DATE_BIN('0s', t)", 'badArgument: the width of DATE_BIN must be above zero'],
  ['TIMESTAMPADD(YEAR, 300000, t)', 'overflow: timestamp overflow'],
]);

times('reading timestamps', [
  ["TO_TIMESTAMP('31.01.2026 23:59', 'dd.MM.yyyy HH:mm')", '2026-01-31T23:59:00.000Z'],
  ["TO_TIMESTAMP('1/2/2026 3:04:05 PM', 'M/d/yyyy h:mm:ss a')", '2026-01-02T15:04:05.000Z'],
  ["TO_TIMESTAMP('20260131', 'yyyyMMdd')", '2026-01-31T00:00:00.000Z'],
  ["TO_TIMESTAMP('Tue 3 Mar 2026', 'EEE d MMM yyyy')", '2026-03-03T00:00:00.000Z'],
  [
    "TO_TIMESTAMP('2026-01-31T12:00:00.25+05:30', 'yyyy-MM-dd''T''HH:mm:ss.SSX')",
    '2026-01-31T06:30:00.250Z',
  ],
  ["TO_TIMESTAMP('12:00 AM', 'hh:mm a')", '1970-01-01T00:00:00.000Z'],
  ["TRY_TO_TIMESTAMP('2026-02-30', 'yyyy-MM-dd')", null],
  ["TRY_TO_TIMESTAMP('soon')", null],
]);

test('a text that does not fit its pattern is a row error', () => {
  expect(evaluate("TO_TIMESTAMP('2026', 'yyyy-MM')")).toBe(
    "badCast: cannot cast '2026' to timestamp",
  );
  expect(refusal("TO_TIMESTAMP(s, 'w')")).toContain('cannot be read back');
});

times('time zones', [
  [`${T('2026-07-01 12:00')} AT TIME ZONE 'Europe/Berlin'`, '2026-07-01T14:00:00.000Z'],
  [`AT_TIME_ZONE(${T('2026-01-01 12:00')}, 'america/new_york')`, '2026-01-01T07:00:00.000Z'],
  [`AT_TIME_ZONE(${T('2026-01-01')}, '+05:30')`, '2026-01-01T05:30:00.000Z'],
  [`AT_TIME_ZONE(${T('2026-01-01')}, 'UTC-3')`, '2025-12-31T21:00:00.000Z'],
  // The clocks go from 02:00 to 03:00, and back from 03:00 to 02:00.
  [`FROM_TIME_ZONE(${T('2026-03-29 02:30')}, 'Europe/Berlin')`, '2026-03-29T01:30:00.000Z'],
  [`FROM_TIME_ZONE(${T('2026-10-25 02:30')}, 'Europe/Berlin')`, '2026-10-25T00:30:00.000Z'],
  [`FROM_TIME_ZONE(${T('2026-10-25 03:00')}, 'Europe/Berlin')`, '2026-10-25T02:00:00.000Z'],
  // Samoa left out a day.
  [`FROM_TIME_ZONE(${T('2011-12-31')}, 'Pacific/Apia')`, '2011-12-30T10:00:00.000Z'],
  [`FROM_TIME_ZONE(${T('2011-12-29 23:00')}, 'Pacific/Apia')`, '2011-12-30T09:00:00.000Z'],
  [`ZONE_OFFSET(${T('2026-01-01')}, 'Asia/Kolkata')`, 'PT5H30M'],
  [`ZONE_OFFSET(${T('1883-01-01')}, 'America/New_York')`, '-PT4H56M2S'],
  [
    `CONVERT_TZ(${T('2026-01-01 12:00')}, 'Asia/Tokyo', 'America/Los_Angeles')`,
    '2025-12-31T19:00:00.000Z',
  ],
]);

table('texts in time zones', [
  [
    `DATE_FORMAT(${T('2026-07-01 12:00')}, 'HH:mm ${OFFSET} z', 'Europe/Berlin')`,
    '14:00 +02:00 Europe/Berlin',
  ],
  [`DATE_FORMAT(${T('2026-07-01 12:00')}, 'HHX', 'UTC')`, '12Z'],
  [`DATE_FORMAT(${T('2026-07-01 12:00')}, 'x xx Z', '-03:30')`, '-0330 -0330 -0330'],
]);

test('a zone that does not exist is refused', () => {
  expect(refusal("AT_TIME_ZONE(t, 'Europe/Nowhere')")).toContain('is no time zone');
  expect(evaluate('AT_TIME_ZONE(t, s)')).toContain('badArgument: ');
});

/** What `Intl` writes, without anything that this project computes. */
function shownByIntl(us: bigint, zone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return format.format(Number(us / 1000n));
}

test('instants and clocks of 1900 to 2100 agree with Intl, and lead back', () => {
  let state = 7n;
  const random = (range: bigint): bigint => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return (state >> 11n) % range;
  };
  const zones = [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'Asia/Tehran',
    'Pacific/Apia',
    'Europe/Dublin',
    'America/Sao_Paulo',
  ];
  for (const name of zones) {
    const zone = timeZone(name);
    for (let i = 0; i < 60; i++) {
      const us = -2_208_988_800_000_000n + random(6_311_390_400n) * 1_000_000n;
      const local = toLocal(us, zone);
      const text = new Date(Number(local / 1000n)).toISOString().slice(0, 19).replace('T', ' ');
      expect(text, name).toBe(shownByIntl(us, name));
      const back = fromLocal(local, zone);
      expect(toLocal(back, zone), name).toBe(local);
      expect(back <= us, name).toBe(true);
    }
  }
});

const J = (text: string) => `CAST('${text}' AS JSON)`;

table('JSON', [
  [`JSON_QUERY(${J('{"a": [{"b": 1}, {"b": 2}, {}]}')}, '$.a[*].b')`, [1, 2]],
  [`JSON_VALUE(${J('{"a": [1, 2]}')}, '$.a[-1]')`, '2'],
  [`JSON_VALUE(${J('{"a": [7]}')}, '$.a[*]')`, '7'],
  [`JSON_EXISTS(${J('{"a": {}}')}, '$.a.*')`, false],
  [`JSON_QUERY(${J('{"a b": {"c": 1}}')}, '$."a b".*')`, [1]],
  ["JSON_TYPE(j, '$.none')", 'null'],
  ["JSON_TYPE(j, '$.nope')", null],
  ['JSON_TYPE(j)', 'object'],
  ["JSON_LENGTH(j, '$.tags')", 2],
  ["JSON_LENGTH(j, '$.name')", 1],
  ['JSON_KEYS(j)', ['name', 'tags', 'n', 'none']],
  ["JSON_KEYS(j, '$.name')", null],
  [`JSON_SET(${J('{"a": [1]}')}, '$.a[1]', 'x')`, { a: [1, 'x'] }],
  [`JSON_SET(${J('{"a": 1}')}, '$.b', i)`, { a: 1, b: 5 }],
  [`JSON_SET(${J('{"a": 1}')}, '$.b.c', i)`, { a: 1 }],
  [`JSON_REMOVE(${J('{"a": 1, "b": [1, 2]}')}, '$.b[0]')`, { a: 1, b: [2] }],
  [`JSON_REMOVE(${J('{"a": 1}')}, '$')`, null],
  [
    `JSON_MERGE(${J('{"a": "b", "c": {"d": "e", "f": "g"}}')}, ${J('{"a": "z", "c": {"f": null}}')})`,
    { a: 'z', c: { d: 'e' } },
  ],
  ["JSON_OBJECT('i', i, 'none', ns, 's', s, 'd', d)", { i: 5, none: null, s: 'héllo😀', d: 12.5 }],
  ['JSON_OBJECT()', {}],
  ["JSON_ARRAY(1, NULL, 'x', f, nan)", [1, null, 'x', true, null]],
  ['JSON_ARRAY()', []],
  ['TO_JSON(t)', '2023-11-14T22:13:20.123456Z'],
  ['TO_JSON(9223372036854775807)', 9223372036854775807n],
  ["JSON_TEXT('a\"b')", '"a\\"b"'],
  ["PARSE_JSON('[1]')", [1]],
  ["PARSE_JSON('[')", "badCast: cannot cast '[' to json"],
  ["TRY_PARSE_JSON('[')", null],
  ["IS_JSON('{}')", true],
  ["IS_JSON('{')", false],
]);

table('lists', [
  ["SPLIT('a,b,,c', ',')", ['a', 'b', '', 'c']],
  ["SPLIT('a😀', '')", ['a', '😀']],
  [`CARDINALITY(${J('[1, null]')})`, 2],
  [`CARDINALITY(${J('{"a": 1}')})`, 1],
  ["CARDINALITY(TO_JSON('x'))", 'badArgument: CARDINALITY takes a list, found string'],
  [`ELEMENT_AT(${J('[1, 2, 3]')}, -1)`, 3],
  [`ELEMENT_AT(${J('[1, 2, 3]')}, 4)`, null],
  [
    `ELEMENT_AT(${J('[1]')}, zero)`,
    'badArgument: the elements of a list count from 1, or from -1 backwards',
  ],
  ["ELEMENT_AT(j, 'name')", 'Ann'],
  [`ARRAY_CONTAINS(${J('[1, 2.0, "x"]')}, 2)`, true],
  [`ARRAY_CONTAINS(${J('["1"]')}, 1)`, false],
  [`ARRAY_POSITION(${J('["a", "b"]')}, 'b')`, 2],
  [`ARRAY_APPEND(${J('[1]')}, 'x')`, [1, 'x']],
  [`ARRAY_PREPEND(${J('[1]')}, 0)`, [0, 1]],
  [`ARRAY_REMOVE(${J('[1, 2, 1]')}, 1)`, [2]],
  [`ARRAY_CONCAT(${J('[1]')}, ${J('[[2]]')})`, [1, [2]]],
  [`ARRAY_UNION(${J('[2, 1, 2]')}, ${J('[1, 3]')})`, [2, 1, 3]],
  [`ARRAY_INTERSECT(${J('[1, 2, 2, 3]')}, ${J('[2, 3]')}, ${J('[3, 2]')})`, [2, 3]],
  [`ARRAY_EXCEPT(${J('[1, 2, 1, 3]')}, ${J('[3]')})`, [1, 2]],
  [`ARRAY_DISTINCT(${J('[{"a": 1, "b": 2}, {"b": 2, "a": 1.0}, 1, 1.0]')})`, [{ a: 1, b: 2 }, 1]],
  [`ARRAY_REVERSE(${J('[1, 2]')})`, [2, 1]],
  [`ARRAY_SORT(${J('["b", 2, null, true, "a", [1], 1]')})`, [null, true, 1, 2, 'a', 'b', [1]]],
  [`ARRAY_SLICE(${J('[1, 2, 3, 4]')}, 2, 3)`, [2, 3]],
  [`ARRAY_SLICE(${J('[1, 2, 3, 4]')}, -2)`, [3, 4]],
  [`ARRAY_JOIN(${J('["a", null, 1, [2]]')}, '-')`, 'a-1-[2]'],
  [`ARRAY_MIN(${J('[null, 3, 1]')})`, 1],
  [`ARRAY_MAX(${J('["a", "b"]')})`, 'b'],
  [`ARRAY_SUM(${J('[1, null, 2.5]')})`, 3.5],
  [`ARRAY_SUM(${J('[]')})`, 0],
  [`ARRAY_AVG(${J('[]')})`, null],
  [`ARRAY_AVG(${J('["x"]')})`, 'badArgument: ARRAY_AVG takes a list of numbers, found string'],
  ['ARRAY_RANGE(1, 7, 3)', [1, 4, 7]],
  ['ARRAY_RANGE(3, 1, -1)', [3, 2, 1]],
  ['ARRAY_RANGE(3, 1)', []],
  ['ARRAY_RANGE(1, 2, 0)', 'badArgument: the step of ARRAY_RANGE is zero'],
]);

test('a path that is none, or leads to many places where one is changed, is refused', () => {
  expect(refusal("JSON_QUERY(j, '$.a..b')")).toContain('is no JSON path');
  expect(() => interpret(typed("JSON_SET(j, '$.*', 1)"), VALUES)).toThrow('has no *');
});
