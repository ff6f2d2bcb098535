/** Functions of numbers, strings, bytes and places, against answers known from elsewhere. */
import { describe, expect, test } from 'vitest';
import { evaluate, refusal, table } from './evaluate.ts';

/** Expressions whose value is a float64 near a known one. */
function near(name: string, rows: readonly (readonly [string, number, number?])[]): void {
  const cases = rows.map(([text, expected, digits = 12]) => ({ text, expected, digits }));
  describe(name, () => {
    test.each(cases)('$text', ({ text, expected, digits }) => {
      expect(evaluate(text)).toBeCloseTo(expected, digits);
    });
  });
}

near('roots, exponentials and angles', [
  ['CBRT(27.0)', 3],
  ['CBRT(-8.0)', -2],
  ['EXPM1(1e-10)', 1.00000000005e-10, 20],
  ['LOG1P(1e-10)', 9.9999999995e-11, 20],
  ['SIN(PI() / 6)', 0.5],
  ['COS(PI() / 3)', 0.5],
  ['TAN(PI() / 4)', 1],
  ['COT(PI() / 4)', 1],
  ['ASIN(1)', Math.PI / 2],
  ['ACOS(0.5)', Math.PI / 3],
  ['ATAN(1)', Math.PI / 4],
  ['ATAN2(-1, -1)', (-3 * Math.PI) / 4],
  ['SINH(1)', 1.1752011936438014],
  ['COSH(1)', 1.5430806348152437],
  ['TANH(1)', 0.7615941559557649],
  ['ASINH(SINH(2))', 2],
  ['ACOSH(COSH(2))', 2],
  ['ATANH(TANH(0.5))', 0.5],
  ['DEGREES(PI())', 180],
  ['RADIANS(180)', Math.PI],
  ['HYPOT(3, 4)', 5],
  ['LOG(3, 81)', 4],
]);

table('numbers', [
  ['ASIN(2)', NaN],
  ['ACOSH(0.5)', NaN],
  ['IS_NAN(nan)', true],
  ['IS_NAN(x)', false],
  ['IS_INFINITE(1 / 0.0)', true],
  ['IS_FINITE(nan)', false],
  ['NANVL(nan, x)', 2.5],
  ['NANVL(x, nan)', 2.5],
  ['CLAMP(i, 1, 3)', 3],
  ['CLAMP(x, 3, 9)', 3],
  ["CLAMP(s, 'a', 'c')", 'c'],
  ['CLAMP(i, 3, 1)', 'badArgument: the bounds of CLAMP are in the wrong order'],
  ['WIDTH_BUCKET(5.35, 0.024, 10.06, 5)', 3],
  ['WIDTH_BUCKET(0, 1, 10, 5)', 0],
  ['WIDTH_BUCKET(10, 1, 10, 5)', 6],
  ['WIDTH_BUCKET(3, 10, 0, 5)', 4],
  ['WIDTH_BUCKET(10, 10, 0, 5)', 1],
  ['WIDTH_BUCKET(0, -1e308, 1e308, 2)', 2],
  [
    'WIDTH_BUCKET(1, 1, 1, 5)',
    'badArgument: WIDTH_BUCKET needs numbers, and two bounds that differ',
  ],
]);

table('integers and their bits', [
  ['BITAND(12, 10)', 8],
  ['BITOR(12, 10)', 14],
  ['BITXOR(12, 10)', 6],
  ['BITNOT(0)', -1],
  ['BITAND(b, -1)', 7n],
  ['BITNOT(b)', -8n],
  ['BIT_COUNT(255)', 8],
  ['BIT_COUNT(-1)', 32],
  ['BIT_COUNT(-1 * (b - 6))', 64],
  ['SHIFT_LEFT(1, 31)', -2147483648],
  ['SHIFT_LEFT(b, 62)', -4611686018427387904n],
  ['SHIFT_RIGHT(-8, 1)', -4],
  ['SHIFT_RIGHT_UNSIGNED(-1, 28)', 15],
  ['SHIFT_RIGHT_UNSIGNED(b - 8, 60)', 15n],
  ['SHIFT_LEFT(1, 32)', 'badArgument: SHIFT_LEFT of an int32 moves by 0 to 31 bits, not 32'],
  ['GCD(1071, 462)', 21],
  ['GCD(-4, 6)', 2],
  ['GCD(0, 0)', 0],
  ['GCD(-2147483648, 0)', 'overflow: int32 overflow'],
  ['LCM(4, 6)', 12],
  ['LCM(b, 0)', 0n],
  ['LCM(65536, 65537)', 'overflow: int32 overflow'],
  ['DIV(-7, 2)', -3],
  ['DIV(7, zero)', 'divisionByZero: division by zero'],
  ['FLOOR_MOD(-7, 3)', 2],
  ['FLOOR_MOD(7, -3)', -2],
  ['FACTORIAL(20)', 2432902008176640000n],
  ['FACTORIAL(21)', 'badArgument: FACTORIAL takes 0 to 20, not 21'],
  ['TO_BASE(255, 16)', 'ff'],
  ['TO_BASE(-5, 2)', '-101'],
  ["FROM_BASE('zz', 36)", 1295n],
  ["FROM_BASE('12', 2)", 'badArgument: FROM_BASE found no number of radix 2 in the string'],
]);

table('strings that are made of strings', [
  ["CONCAT_WS('-', 'a', ns, 'b')", 'a-b'],
  ["CONCAT_WS(ns, 'a')", null],
  ["CONCAT_WS(',', ns)", ''],
  ["INITCAP('hello wORLD-élan 3rd')", 'Hello World-Élan 3rd'],
  ["TRANSLATE('12345', '143', 'ax')", 'a2x5'],
  ["OVERLAY('Txxxxas' PLACING 'hom' FROM 2 FOR 4)", 'Thomas'],
  ["OVERLAY('abc' PLACING 'XY' FROM 2)", 'aXY'],
  ["OVERLAY('abc', 'X', 9)", 'abcX'],
  ["OVERLAY('abc' PLACING 'X' FROM 0)", 'badArgument: the start of OVERLAY counts from 1'],
  ['SPACE(3)', '   '],
  ['CHR(128512)', '😀'],
  ['CHR(55296)', 'badArgument: 55296 is no code point of a character'],
  ["ASCII('😀x')", 128512],
  ["ASCII('')", 0],
  ["NORMALIZE('e' || CHR(769)) = 'é'", true],
  ["CHAR_LENGTH(NORMALIZE('é', 'NFD'))", 2],
  ["SUBSTRING_INDEX('www.apache.org', '.', 2)", 'www.apache'],
  ["SUBSTRING_INDEX('www.apache.org', '.', -1)", 'org'],
  ["BTRIM('xxaxx', 'x')", 'a'],
  ["RTRIM('ab  ')", 'ab'],
]);

table('strings that are found in strings', [
  ["INSTR('Corporate Floor', 'or', 3, 2)", 14],
  ["INSTR('Corporate Floor', 'or', -3, 2)", 2],
  ["INSTR('abc', 'z')", 0],
  ["STRPOS(s, 'o')", 5],
  ["INSTR('aaa', 'aa', 1, 2)", 2],
  [
    "INSTR('aaa', 'a', 0)",
    'badArgument: the characters of INSTR count from 1, or from -1 backwards',
  ],
  ["LOCATE('bar', 'foobarbar', 5)", 7],
  ["LOCATE('bar', 'foobarbar')", 4],
  ["COUNT_SUBSTRING('banana', 'ana')", 1],
  ["COUNT_SUBSTRING('banana', '')", 0],
  ["LEVENSHTEIN('kitten', 'sitting')", 3],
  ["LEVENSHTEIN('', 'abc')", 3],
  ["LEVENSHTEIN('😀a', 'a')", 1],
  ["SOUNDEX('Robert')", 'R163'],
  ["SOUNDEX('Rupert')", 'R163'],
  ["SOUNDEX('Ashcraft')", 'A261'],
  ["SOUNDEX('Tymczak')", 'T522'],
  ["SOUNDEX('Pfister')", 'P236'],
  ["SOUNDEX('42')", ''],
]);

near('strings that are alike', [
  ["JARO_WINKLER('MARTHA', 'MARHTA')", 0.9611111111, 9],
  ["JARO_WINKLER('DIXON', 'DICKSONX')", 0.8133333333, 9],
  ["JARO_WINKLER('abc', 'xyz')", 0],
  ["JARO_WINKLER('', '')", 1],
]);

table('texts with places for values', [
  ["FORMAT('%s: %5d|%-5d|%05d', s, i, i, i)", 'héllo😀:     5|5    |00005'],
  ["FORMAT('%.2f %8.3f %+d', x, x, i)", '2.50    2.500 +5'],
  ["FORMAT('%,d %,.1f', 1234567, 1234567.89)", '1,234,567 1,234,567.9'],
  ["FORMAT('%x %X %o %b', 255, 255, 8, 5)", 'ff FF 10 101'],
  ["FORMAT('%x', -1)", 'ffffffff'],
  ["FORMAT('%e', 123456.0)", '1.234560e+05'],
  ["FORMAT('%.1E', 0.00012)", '1.2E-04'],
  ["FORMAT('%f', d)", '12.500000'],
  ["FORMAT('%.1f', DECIMAL '0.25')", '0.3'],
  ["FORMAT('100%%')", '100%'],
  ["FORMAT('%.3s', 'abcdef')", 'abc'],
  ["FORMAT('%s %s', t, f)", '2023-11-14T22:13:20.123456Z true'],
  ["FORMAT('%06.2f', -1.5)", '-01.50'],
  ["FORMAT('%5f', nan)", '  NaN'],
  ["FORMAT('%s', ns)", null],
  ['FORMAT_NUMBER(-1234567.891, 2)', '-1,234,567.89'],
  ['FORMAT_NUMBER(b, 1)', '7.0'],
]);

test('a format that does not go with its values is refused', () => {
  expect(refusal("FORMAT('%d', x)")).toContain('%d takes no float64');
  expect(refusal("FORMAT('%s')")).toContain('places for 1 values, found 0');
  expect(refusal("FORMAT('%q', x)")).toContain("'%q' has no meaning");
});

table('regular expressions', [
  ["REGEXP_COUNT('a1b22c333', '[0-9]+')", 3],
  ["REGEXP_INSTR('😀ab12', '[0-9]')", 4],
  ["REGEXP_INSTR('a1b2', '[0-9]', 2)", 4],
  ["REGEXP_INSTR('a', 'b')", 0],
  ["REGEXP_EXTRACT_ALL('a=1, b=2', '(\\w)=(\\d)', 2)", ['1', '2']],
  ["REGEXP_SPLIT('a1b22c', '[0-9]+')", ['a', 'b', 'c']],
  ["REGEXP_SPLIT('abc', '')", ['a', 'b', 'c']],
  ["REGEXP_SPLIT('', ',')", ['']],
  ["REGEXP_FULL_MATCH('abc', 'b')", false],
  ["REGEXP_FULL_MATCH('abc', 'a|abc')", true],
  ["REGEXP_LIKE('ABC', '(?i:b)')", true],
]);

table('bytes as text', [
  ["TO_HEX('hé')", '68c3a9'],
  ['TO_HEX(255)', 'ff'],
  ['TO_HEX(-1)', 'ffffffff'],
  ['TO_HEX(b)', '7'],
  ["FROM_HEX('0102FF') = by", true],
  ["FROM_HEX('abc')", "badArgument: 'abc' is not pairs of hexadecimal digits"],
  ["TO_BASE64('foobar')", 'Zm9vYmFy'],
  ["TO_BASE64('fooba')", 'Zm9vYmE='],
  ["TO_BASE64('f')", 'Zg=='],
  ["CAST(FROM_BASE64('Zm9vYg') AS STRING)", 'foob'],
  ["FROM_BASE64('-_-_') = FROM_BASE64('+/+/')", true],
  ["FROM_BASE64('Zg=')", "badArgument: 'Zg=' is not base64"],
  ["FROM_BASE64('Zh==')", "badArgument: 'Zh==' is not base64"],
  ["URL_ENCODE('a b&ü/~')", 'a%20b%26%C3%BC%2F~'],
  ["URL_DECODE('a+b%20%C3%BC')", 'a b ü'],
  ["URL_DECODE('%E4')", "badArgument: '%E4' is not percent-encoded UTF-8"],
]);

const URL_TEXT = "'https://ann:pw@example.com:8080/a/b?k=v%201&q#top'";

table('addresses', [
  [`PARSE_URL(${URL_TEXT}, 'PROTOCOL')`, 'https'],
  [`PARSE_URL(${URL_TEXT}, 'host')`, 'example.com'],
  [`PARSE_URL(${URL_TEXT}, 'PORT')`, '8080'],
  [`PARSE_URL(${URL_TEXT}, 'USERINFO')`, 'ann:pw'],
  [`PARSE_URL(${URL_TEXT}, 'AUTHORITY')`, 'ann:pw@example.com:8080'],
  [`PARSE_URL(${URL_TEXT}, 'PATH')`, '/a/b'],
  [`PARSE_URL(${URL_TEXT}, 'FILE')`, '/a/b?k=v%201&q'],
  [`PARSE_URL(${URL_TEXT}, 'QUERY')`, 'k=v%201&q'],
  [`PARSE_URL(${URL_TEXT}, 'QUERY', 'k')`, 'v%201'],
  [`PARSE_URL(${URL_TEXT}, 'QUERY', 'q')`, ''],
  [`PARSE_URL(${URL_TEXT}, 'QUERY', 'z')`, null],
  [`PARSE_URL(${URL_TEXT}, 'REF')`, 'top'],
  ["PARSE_URL('/a', 'HOST')", null],
  ["PARSE_URL('http://[::1]:80/', 'HOST')", '[::1]'],
]);

table('hashes', [
  ["MD5('')", 'd41d8cd98f00b204e9800998ecf8427e'],
  ["MD5('The quick brown fox jumps over the lazy dog')", '9e107d9d372bb6826bd81d3542a419d6'],
  ["SHA1('abc')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ["SHA256('abc')", 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    "SHA512('abc')",
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  ],
  ["CRC32('123456789')", 3421780262n],
  ["MURMUR3('hello')", 613153351],
  ["MURMUR3('', 1)", 1364076727],
  ["TO_HEX(XXHASH64(''))", 'ef46db3751d8e999'],
  ["TO_HEX(XXHASH64('Nobody inspects the spammish repetition'))", 'fbcea83c8a378bf1'],
  ["XXHASH64('xxhash', 20141025)", BigInt.asIntN(64, 13067679811253438005n)],
  ["TO_HEX(FNV1A_64('a'))", 'af63dc4c8601ec8c'],
  ["BITAND(FNV1_64('hello'), 4294967295)", 3183334599n],
  ["HASH('a', 1) = XXHASH64('a' || CHR(0) || '1' || CHR(0))", true],
  ["HASH(by) = XXHASH64(FROM_HEX('0102ff00'))", true],
]);

near('places on the earth', [
  ['GEO_DISTANCE(0, 0, 0, 180)', Math.PI * 6371008.8, 3],
  ['GEO_DISTANCE(36.12, -86.67, 33.94, -118.40)', 2886448.43, 1],
  ['GEO_DISTANCE(52.5, 13.4, 52.5, 13.4)', 0],
  ['GEO_BEARING(0, 0, 0, 90)', 90],
  ['GEO_BEARING(0, 0, -1, 0)', 180],
  ['GEO_BEARING(0, 0, 0, -1)', 270],
]);

table('geohashes and polygons', [
  ['GEOHASH_ENCODE(57.64911, 10.40744, 11)', 'u4pruydqqvj'],
  ['GEOHASH_ENCODE(42.6, -5.6, 5)', 'ezs42'],
  ["FORMAT('%.3f', CAST(ELEMENT_AT(GEOHASH_DECODE('ezs42'), 1) AS DOUBLE))", '42.605'],
  ["FORMAT('%.3f', CAST(ELEMENT_AT(GEOHASH_DECODE('ezs42'), 2) AS DOUBLE))", '-5.603'],
  ["GEOHASH_DECODE('a')", "badArgument: 'a' is no geohash"],
  ['GEO_DISTANCE(91, 0, 0, 0)', 'badArgument: a latitude is -90 to 90 degrees, not 91'],
  ["POINT_IN_POLYGON(1, 1, CAST('[[0,0],[4,0],[4,4],[0,4]]' AS JSON))", true],
  ["POINT_IN_POLYGON(5, 1, CAST('[[0,0],[4,0],[4,4],[0,4]]' AS JSON))", false],
  ["POINT_IN_POLYGON(4, 2, CAST('[[0,0],[4,0],[4,4],[0,4],[0,0]]' AS JSON))", true],
  [
    "POINT_IN_POLYGON(2, 2, CAST('[[[0,0],[4,0],[4,4],[0,4]],[[1,1],[3,1],[3,3],[1,3]]]' AS JSON))",
    false,
  ],
  [
    "POINT_IN_POLYGON(1, 1, CAST('[[0,0]]' AS JSON))",
    'badArgument: a polygon is a list of three or more points [x, y], or a list of such lists',
  ],
]);

table('choices', [
  ['IF(i > 3, 1, 2.5)', 1],
  ['IF(nf, 1)', null],
  ["IIF(f, 'a', 'b')", 'a'],
  ['IF(TRUE, 1, i / zero)', 1],
  ['IFNULL(ni, i)', 5],
  ['NVL(ni, 7)', 7],
  ["NVL2(ni, 'a', 'b')", 'b'],
  ["DECODE(i, 1, 'one', 5, 'five', 'many')", 'five'],
  ["DECODE(ni, NULL, 'none', 5, 'five')", 'none'],
  ["DECODE(i, 1, 'one')", null],
  ["CHOOSE(value, 'a', 'b', 'c')", 'c'],
  ["CHOOSE(i, 'a', 'b', 'c')", null],
]);
