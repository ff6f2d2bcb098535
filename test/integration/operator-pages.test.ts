/** The topologies on the pages of operators run, and give the rows that the pages show. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { operator } from '../../src/core/topology/operators/index.ts';
import type { TopologyDocument } from '../../src/index.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const FOLDER = fileURLToPath(new URL('../../docs/reference/operators', import.meta.url));
const INDEX = readFileSync(join(FOLDER, 'README.md'), 'utf8');
const pages = readdirSync(FOLDER).filter((name) => name !== 'README.md');

interface Example {
  readonly topology: TopologyDocument;
  /** File → its text: what sources read, modules, and what sinks write. */
  readonly files: ReadonlyMap<string, string>;
}

/** The topologies of a page, each with the named blocks behind it up to the next one. */
function examplesOf(page: string): Example[] {
  const text = readFileSync(join(FOLDER, page), 'utf8');
  const examples: { topology: TopologyDocument; files: Map<string, string> }[] = [];
  for (const [, language, file, code] of text.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)) {
    if (file !== undefined) {
      examples.at(-1)?.files.set(file, code!);
    } else if (language === 'json') {
      const topology = JSON.parse(code!) as TopologyDocument;
      if ('version' in topology) examples.push({ topology, files: new Map() });
    }
  }
  return examples;
}

/** What operators of the pages may start. */
const COMMANDS = { shout: { file: process.execPath, args: ['shout.mjs'] } };

/** The file that each file sink writes. */
function filesWritten({ sinks = {} }: TopologyDocument): string[] {
  return Object.values(sinks).flatMap((sink) => (sink.connector === 'file' ? [sink.path] : []));
}

/** Rows have no promised order. */
const lines = (text: string): string[] => text.trimEnd().split('\n').toSorted();

async function run({ topology, files }: Example): Promise<ReadonlyMap<string, string>> {
  using workspace = new Workspace();
  const outputs = filesWritten(topology);
  for (const [file, text] of files) {
    if (!outputs.includes(file)) workspace.write(file, text);
  }
  await runToEnd(topology, workspace, { commands: COMMANDS });
  return new Map(outputs.map((file) => [file, workspace.read(file)]));
}

describe.each(pages)('%s', (page) => {
  const examples = examplesOf(page).map((example) => ({ name: example.topology.name, ...example }));

  test('is listed, and has an example that runs', () => {
    expect(INDEX).toContain(`(${page})`);
    expect(examples.length).toBeGreaterThan(0);
  });

  test.each(examples)('$name gives the rows it shows', async (example) => {
    const written = await run(example);
    expect(written.size).toBeGreaterThan(0);
    for (const [file, text] of written) {
      expect({ file, rows: lines(text) }).toEqual({
        file,
        rows: lines(example.files.get(file) ?? ''),
      });
    }
  });
});

describe('the list of operators', () => {
  const types = operator.options.map(({ shape }) => shape.type.value);

  test.each(types)('has %s', (type) => {
    expect(INDEX).toContain(`[\`${type}\`](`);
  });
});
