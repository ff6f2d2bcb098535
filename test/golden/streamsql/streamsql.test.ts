/**
 * Programs in StreamSQL, and beside each the document that it is.
 *
 * `UPDATE=1 npx vitest run test/golden/streamsql` rewrites the documents; read the difference before
 * committing it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseStreamSql, validateTopology } from '../../../src/index.ts';

const folder = new URL('./', import.meta.url);
const programs = readdirSync(folder).filter((name) => name.endsWith('.ssql'));

describe('the document of', () => {
  test.each(programs)('%s', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const written = `${JSON.stringify(parseStreamSql(text, { file }), undefined, 2)}\n`;
    const golden = new URL(file.replace('.ssql', '.json'), folder);
    if (env['UPDATE'] === '1') writeFileSync(golden, written);
    expect(written).toBe(readFileSync(golden, 'utf8'));
  });

  test.each(programs)('%s is a right topology', (file) => {
    const { issues } = validateTopology(fileURLToPath(new URL(file, folder)), { env: {} });
    expect(issues).toEqual([]);
  });
});
