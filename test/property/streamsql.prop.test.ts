/** Programs with mistakes are refused, by line and column, and nothing else happens. */

import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MillraceError } from '../../src/core/errors.ts';
import { parseStreamSql, validateTopology } from '../../src/index.ts';

const RUNS = Number(process.env['RUNS'] ?? 150);
const folder = new URL('../golden/streamsql/', import.meta.url);
const PROGRAMS = readdirSync(folder)
  .filter((name) => name.endsWith('.ssql'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));
/** Pieces that programs are made of. */
const PIECES = PROGRAMS.map((text) => text.match(/\s+|\w+|'[^']*'|[^\w\s]/g) ?? []);
const WORDS = [...new Set(PIECES.flat())].filter((piece) => piece.trim() !== '');

/** A change of a text: pieces from `at` on, so many, become others. */
interface Change {
  readonly at: number;
  readonly count: number;
  readonly put: readonly string[];
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(10_000),
  count: fc.nat(3),
  put: fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...WORDS) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('\u0000', '💥', '"', "'", '/*', '--', '${', '1e999', '(((('),
      },
    ),
    { maxLength: 3 },
  ),
});

function changed(pieces: readonly string[], changes: readonly Change[]): string {
  const text = [...pieces];
  for (const { at, count, put } of changes) {
    text.splice(at % (text.length + 1), count, ...put.flatMap((word) => [word, ' ']));
  }
  return text.join('');
}

/** What came of a program: a document, or the error, which must be one of mistakes. */
function outcome(text: string): object {
  try {
    return parseStreamSql(text, { file: 'mutated.ssql' });
  } catch (error) {
    expect(error, text).toBeInstanceOf(MillraceError);
    const { code, issues } = error as MillraceError;
    expect({ code, text }).toEqual({ code: 'ERR_TOPOLOGY_INVALID', text });
    expect(issues.length).toBeGreaterThan(0);
    for (const { message } of issues) {
      const place = /^mutated\.ssql:(\d+):(\d+): .+\n {2}.*\n {2} *\^+$/u.exec(message);
      expect(place, `${text}\n---\n${message}`).not.toBeNull();
      const lines = text.split(/\r\n|\r|\n/);
      expect(Number(place![1])).toBeLessThanOrEqual(lines.length);
    }
    return error as MillraceError;
  }
}

test('a program with changes in it is a document, or refused by line and column', () => {
  let documents = 0;
  const mutated = fc
    .tuple(fc.constantFrom(...PIECES), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([pieces, changes]) => changed(pieces, changes));
  fc.assert(
    fc.property(mutated, (text) => {
      const document = outcome(text);
      if (document instanceof MillraceError) return;
      documents++;
      // Whatever a document says, it is checked like others.
      expect(validateTopology(document, { env: {} })).toHaveProperty('valid');
    }),
    { numRuns: RUNS },
  );
  // Some changes do no harm.
  expect(documents).toBeGreaterThan(0);
});

test('a text cut off anywhere is a document, or refused by line and column', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PROGRAMS), fc.nat(10_000), (text, at) => {
      outcome(text.slice(0, at % text.length));
    }),
    { numRuns: RUNS },
  );
});

test('what is nested too deep is refused', () => {
  const deep = 3000;
  const head = 'CREATE INPUT STREAM s (a int); CREATE OUTPUT STREAM o;';
  const texts = [
    `${head} SELECT ${'('.repeat(deep)}a${')'.repeat(deep)} AS b FROM s INTO o`,
    `${head} SELECT a FROM ${'('.repeat(deep)}s${')'.repeat(deep)} INTO o`,
    `${head} SELECT a FROM ${'(SELECT a FROM '.repeat(deep)}s${')'.repeat(deep)} INTO o`,
    `CREATE INPUT STREAM s (a ${'list('.repeat(deep)}int${')'.repeat(deep)})`,
    `CREATE INPUT STREAM s (a ${'(a '.repeat(deep)}int${')'.repeat(deep)})`,
    `CREATE INPUT STREAM s (a int) WITH (b = ${'['.repeat(deep)}1${']'.repeat(deep)})`,
    `${head} SELECT ${'NOT '.repeat(deep)} a AS b FROM s INTO o`,
    `${head} SELECT ${'a + '.repeat(deep)} a AS b FROM s INTO o`,
  ];
  for (const text of texts) expect(outcome(text)).toBeInstanceOf(MillraceError);
});
