import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CLI } from '../support/built.ts';
import { HOSTILE_NAMES } from '../support/fuzz/hostile-text.ts';

const ROWS = 3;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** In a topology's texts `${` is a variable of the environment, and `$${` is what it looks like. */
const escaped = (text: string): string => text.replaceAll('${', () => '$${');
/** A topology may not have the first of them. */
const NAMES = HOSTILE_NAMES.filter((name) => name !== '__proto__');
const byName = <T>(value: (name: string, index: number) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(NAMES.map((name, i) => [name, value(name, i)]));

test('names and texts that look like code are names and texts, where no text can become code', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-names-'));
  try {
    const topology = {
      version: 1,
      name: 'names',
      sources: {
        numbers: {
          connector: 'generator',
          count: ROWS,
          schema: byName(() => 'int32'),
          fields: byName((_name, i) => ({ sequence: { start: i, step: 1 } })),
        },
      },
      operators: {
        kept: {
          type: 'filter',
          input: 'numbers',
          where: escaped(NAMES.map((name) => `${quoted(name)} >= 0`).join(' AND ')),
        },
        doubled: {
          type: 'map',
          input: 'kept',
          select: byName((name) => escaped(`${quoted(name)} * 2`)),
        },
        counted: {
          type: 'aggregate',
          input: 'doubled',
          groupBy: ['constructor'],
          select: Object.fromEntries(
            NAMES.slice(1).map((name) => [name, escaped(`MAX(${quoted(name)})`)]),
          ),
        },
      },
      sinks: {
        out: {
          input: 'counted',
          connector: 'file',
          path: 'out.jsonl',
          format: 'jsonl',
          orderBy: ['constructor'],
        },
      },
    };
    const file = join(folder, 'names.json');
    writeFileSync(file, JSON.stringify(topology));
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--disallow-code-generation-from-strings', CLI, 'run', file, '--workers', '2'],
      { encoding: 'utf8', timeout: 60_000 },
    );
    expect(stderr).not.toMatch(/EvalError|Code generation/);
    expect(status, stderr).toBe(0);
    const rows = readFileSync(join(folder, 'out.jsonl'), 'utf8').trim().split('\n');
    const wanted = Array.from({ length: ROWS }, (_, row) => byName((_name, i) => 2 * (i + row)));
    expect(rows.map((row) => JSON.stringify(JSON.parse(row)))).toEqual(
      wanted.map((row) => JSON.stringify(row)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
