/** The page of StreamSQL is true: its program runs, and its fragments are right. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Millrace, validateTopology } from '../../src/index.ts';
import { Workspace } from '../support/run-topology.ts';

const PAGE = readFileSync(new URL('../../docs/reference/streamsql.md', import.meta.url), 'utf8');
const BLOCKS = [...PAGE.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map(
  ([, language, file, text]) => ({ language, file, text: text! }),
);
const named = (file: string): string => BLOCKS.find((block) => block.file === file)!.text;

test('the program gives what the page shows', async () => {
  using workspace = new Workspace();
  workspace.write('trades.jsonl', named('trades.jsonl'));
  const file = workspace.write('trades.ssql', named('trades.ssql'));
  await using engine = await Millrace.start(file, { workers: 1 });
  await engine.completed;
  expect(workspace.read('bars.jsonl')).toBe(named('bars.jsonl'));
});

describe('fragments', () => {
  const fragments = BLOCKS.filter(({ language, file }) => language === 'sql' && file === undefined);

  test.each(fragments.map(({ text }) => [text.split('\n')[0], text]))('%s', (_first, text) => {
    using workspace = new Workspace();
    const file = workspace.write('page.ssql', `${named('declarations.ssql')}${text}`);
    expect(validateTopology(file).issues).toEqual([]);
  });

  test('are there', () => {
    expect(fragments.length).toBeGreaterThan(5);
  });
});
