/**
 * Each bad topology here has beside it the text of all its problems.
 *
 * `UPDATE=1 npx vitest run test/golden/errors` rewrites the texts; read the difference before
 * committing it.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { describe, expect, test } from 'vitest';
import { checkTopologyText, formatIssue, type PartText } from '../../../src/core/topology/index.ts';

const folder = new URL('./', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const variables = { HOME: '/srv/data', TYPE: 'int' };

/** Parts lie in a folder of their own, whose files are no topologies. */
function readPart(file: string): PartText {
  try {
    return { ok: true, text: readFileSync(new URL(file, folder), 'utf8'), identity: file };
  } catch {
    return { ok: false, problem: `no such file: ${file}` };
  }
}

function report(file: string): string {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const { topology, issues, warnings } = checkTopologyText(text, file, {
    env: variables,
    readPart,
  });
  expect(topology).toBeUndefined();
  const lines = [
    ...issues.map(formatIssue),
    ...warnings.map((warning) => `warning: ${formatIssue(warning)}`),
  ];
  return `${lines.join('\n')}\n`;
}

describe('the problems of', () => {
  test.each(files)('%s', (file) => {
    const expected = new URL(file.replace(/\.json$/, '.expected'), folder);
    const found = report(file);
    if (env['UPDATE'] === '1') writeFileSync(expected, found);
    expect(found).toBe(readFileSync(expected, 'utf8'));
  });
});
