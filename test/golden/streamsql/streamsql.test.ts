/**
 * Programs in StreamSQL, and beside each the document that it is, or the text of its mistakes.
 *
 * `UPDATE=1 npx vitest run test/golden/streamsql` rewrites these; read the difference before
 * committing it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseStreamSql, validateTopology } from '../../../src/index.ts';

const folder = new URL('./', import.meta.url);
const programs = readdirSync(folder).filter((name) => name.endsWith('.ssql'));

/** Compares a text with the golden one. */
function expectGolden(written: string, golden: URL): void {
  if (env['UPDATE'] === '1') writeFileSync(golden, written);
  expect(written).toBe(readFileSync(golden, 'utf8'));
}

describe('the document of', () => {
  test.each(programs)('%s', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const written = `${JSON.stringify(parseStreamSql(text, { file }), undefined, 2)}\n`;
    expectGolden(written, new URL(file.replace('.ssql', '.json'), folder));
  });

  test.each(programs)('%s is a right topology', (file) => {
    const { issues } = validateTopology(fileURLToPath(new URL(file, folder)), { env: {} });
    expect(issues).toEqual([]);
  });
});

describe('the mistakes in', () => {
  const bad = new URL('mistakes/', folder);
  const files = readdirSync(bad).filter((name) => name.endsWith('.ssql'));

  test.each(files)('%s', (file) => {
    const path = fileURLToPath(new URL(file, bad));
    const { valid, issues } = validateTopology(path, { env: {} });
    expect(valid).toBe(false);
    const told = issues.map(({ pointer, message }) => `${pointer}${message}\n`).join('');
    const expected = new URL(file.replace('.ssql', '.expected'), bad);
    expectGolden(told.replaceAll(path, file), expected);
  });
});
