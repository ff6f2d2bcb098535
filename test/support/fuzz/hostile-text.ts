/** Texts that nobody would type as an expression, but somebody may send. @module */

import type { Random } from '../oracle/random.ts';

/** Names that JavaScript has other uses for, and texts that would run if they were evaluated. */
export const HOSTILE_NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'globalThis',
  'process',
  'require',
  '${process.exit(3)}',
  '`${process.exit(3)}`',
  "');process.exit(3);//",
  '");process.exit(3);//',
  '*/process.exit(3)/*',
  "import('node:fs')",
  'eval(1)',
  '\\u0027',
  'a\u2028b',
  'a\nb',
  'a b',
  '\u202eabc',
  '\u{1f600}',
  '0',
  '$&',
  '%s',
];

const WORDS: readonly string[] = [
  'AND OR NOT IN IS NULL TRUE FALSE LIKE BETWEEN ESCAPE CASE WHEN THEN ELSE END AS FROM FOR DISTINCT',
  'CAST TRY_CAST EXTRACT TRIM LEADING BOTH POSITION SUBSTRING INTERVAL TIMESTAMP DECIMAL COUNT SUM FILTER',
  'COALESCE NULLIF GREATEST REGEXP_LIKE REGEXP_EXTRACT JSON_VALUE SPLIT_PART LPAD HOUR SECOND int bigint',
  "decimal(10,2) decimal(99,-1) varchar(0) ( ) , . + - * / % || = <> < <= > >= == != & | ^ ~ ! ? : ; @ # $ { } [ ] \\ ` '",
  "'' '%' \"\" \" 0 1 -0 007 1e3 1e999 1e-999 0x1f 1_000 .5 5. 2147483648 9223372036854775808 99999999999999999999",
].flatMap((line) => line.split(' '));

const CHARACTERS: readonly string[] = Array.from(
  '\0\u0001\b\t\n\r\u007f\u0085\u00a0\u2028\u2029\ufeff\ufffe\ud800\udfff\u{10ffff}é\'"`\\%_',
);

/** One of many ways to make a text large or deep; `size` is about its length. */
export const GIANTS: readonly ((size: number, base: string) => string)[] = [
  (size, base) => `${'('.repeat(size)}${base}${')'.repeat(size)}`,
  (size, base) => `${'('.repeat(size)}${base}`,
  (size, base) => `${'NOT '.repeat(size / 4)}(${base})`,
  (size, base) => `${'- '.repeat(size / 2)}(${base})`,
  (size, base) => `${'ABS('.repeat(size / 4)}${base}${')'.repeat(size / 4)}`,
  (size) => `i${' + i'.repeat(size / 4)}`,
  (size) => `i${' * 1.5'.repeat(size / 6)} > 0`,
  (size) => `f${' AND f'.repeat(size / 6)}`,
  (size) => `s${" || 'a'".repeat(size / 7)}`,
  (size) => `i IN (${'1,'.repeat(size / 2)}2)`,
  (size) => `s IN (${"'ab',".repeat(size / 5)}'c')`,
  (size) => `COALESCE(${'i,'.repeat(size / 2)}i)`,
  (size) => `CASE ${'WHEN f THEN 1 '.repeat(size / 14)}END`,
  (size) => `${'CASE WHEN f THEN '.repeat(size / 17)}1${' END'.repeat(size / 17)}`,
  (size) => `i + ${'9'.repeat(size)}`,
  (size) => `x + 0.${'0'.repeat(size)}1`,
  (size) => `x + 1e${'9'.repeat(size)}`,
  (size) => `s = '${'a'.repeat(size)}'`,
  (size) => `s = '${"''".repeat(size / 2)}'`,
  (size) => `s LIKE '${'%a'.repeat(size / 2)}'`,
  (size) => `s LIKE '${'%'.repeat(size)}'`,
  (size) => `REGEXP_LIKE(s, '${'(a|'.repeat(size / 4)}b${')'.repeat(size / 4)}')`,
  (size) => `DECIMAL '${'9'.repeat(size)}' = d`,
  (size) => `CAST('${'1'.repeat(size)}' AS bigint) = b`,
  (size) => `"${'q'.repeat(size)}" = 1`,
  (size) => 'a'.repeat(size),
  (size) => `s ${' '.repeat(size)} = ''`,
  (size) => `LPAD(s, ${'9'.repeat(1 + (size % 9))}, 'ab')`,
  (size) => `s IS NULL${' IS NULL'.repeat(size / 8)}`,
  (size) => `${'CAST('.repeat(size / 5)}i${' AS int)'.repeat(size / 5)}`,
];

/** Makes something of a good expression that is perhaps none. */
export function hostileText(random: Random, base: string): string {
  if (random.chance(0.002)) return random.pick(GIANTS)(random.pick([60, 600, 6000, 60_000]), base);
  let text = base;
  for (let i = random.between(1, 4); i > 0; i--) text = mutate(random, text);
  return text;
}

function mutate(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const to = Math.min(text.length, at + random.below(12));
  switch (random.below(8)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return `${text.slice(0, at)} ${random.pick(WORDS)} ${text.slice(at)}`;
    case 2:
      return `${text.slice(0, at)} ${random.pick(WORDS)} ${text.slice(to)}`;
    case 3:
      return text.slice(0, at) + text.slice(at, to).repeat(3) + text.slice(to);
    case 4:
      return text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at);
    case 5:
      return text.slice(0, at) + String.fromCharCode(random.below(0x1_0000)) + text.slice(to);
    case 6:
      return `${text.slice(0, at)}${hostileName(random)}${text.slice(to)}`;
    default:
      return `${text} ${random.pick(WORDS)} ${text.slice(at)}`;
  }
}

/** A hostile name, bare or quoted in some way. */
function hostileName(random: Random): string {
  const name = random.pick(HOSTILE_NAMES);
  switch (random.below(5)) {
    case 0:
      return `"${name.replaceAll('"', '""')}"`;
    case 1:
      return `'${name.replaceAll("'", "''")}'`;
    case 2:
      return `\`${name}\``;
    case 3:
      return `${name}(s)`;
    default:
      return name;
  }
}
