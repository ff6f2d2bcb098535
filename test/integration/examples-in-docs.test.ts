/** What the documentation shows is true: topologies validate, programs run, tables are computed. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { typeName } from '../../src/core/types.ts';
import {
  AGGREGATE_TABLE,
  inferExpression,
  interpret,
  parseExpression,
  RowError,
  SCALAR_FUNCTIONS,
  SHORT_FORMS,
  scopeOf,
} from '../../src/expr/index.ts';
import { validateTopology } from '../../src/index.ts';
import { Workspace } from '../support/run-topology.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = [
  'README.md',
  ...['docs/guide', 'docs/reference'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

interface Block {
  readonly language: string;
  readonly line: number;
  readonly code: string;
}

/** The fenced code blocks of a page. */
function blocksOf(page: string): Block[] {
  const text = read(page);
  return Array.from(
    text.matchAll(/^```(\w+)\n([^]*?)^```$/gm),
    ({ 1: language, 2: code, index }) => ({
      language: language!,
      line: text.slice(0, index).split('\n').length,
      code: code!,
    }),
  );
}

/** The files that the topologies of a page include: named blocks of JSON. */
function partsOf(page: string): (readonly [string, string])[] {
  const found = read(page).matchAll(/^```json (\S+)\n([^]*?)^```$/gm);
  return Array.from(found, ([, file, text]) => [file!, text!] as const);
}

const blocks = PAGES.flatMap((page) =>
  blocksOf(page).map((block) => ({ name: `${page}:${block.line}`, page, ...block })),
);

describe('topologies', () => {
  const documents = blocks
    .filter(({ language }) => language === 'json')
    .map((block) => ({ ...block, document: JSON.parse(block.code) as Record<string, unknown> }));
  const isWhole = ({ document }: (typeof documents)[number]): boolean => 'version' in document;

  test('there are some', () => {
    expect(documents.filter(isWhole).length).toBeGreaterThanOrEqual(3);
    expect(documents.filter((block) => !isWhole(block)).length).toBeGreaterThanOrEqual(10);
  });

  /** A fragment goes with the first topology of its page. */
  test.each(documents)('$name is valid', (block) => {
    const whole = documents.find((other) => other.page === block.page && isWhole(other));
    const frame = { version: 1, name: 'fragment', sources: whole?.document['sources'] };
    const document = isWhole(block) ? block.document : { ...frame, ...block.document };
    using workspace = new Workspace();
    for (const [file, text] of partsOf(block.page)) workspace.write(file, text);
    const baseDirectory = workspace.directory;
    const { issues } = validateTopology(document, { workers: 2, baseDirectory });
    expect(issues).toEqual([]);
  });
});

describe('programs', () => {
  /** A program begins with an import; other blocks are parts of one. */
  const programs = blocks.filter(
    ({ language, code }) => language === 'ts' && code.startsWith('import '),
  );

  test('there are some', () => {
    expect(programs.length).toBeGreaterThanOrEqual(3);
  });

  /** `console.log(x); // text` says what is printed. */
  test.each(programs)('$name runs and prints what it says', ({ code }) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module-typescript', '--eval', code],
      { cwd: ROOT, encoding: 'utf8', timeout: 30_000 },
    );
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
    expect(promised.length).toBeGreaterThan(0);
    expect(stdout.trimEnd().split('\n')).toEqual(promised);
  });
});

describe('docs/reference/expressions.md', () => {
  const PAGE = read('docs/reference/expressions.md');
  const unescaped = (text: string): string => text.replaceAll('\\|', '|');
  const examples = [...PAGE.matchAll(/^\| `(.+)` \| (\S+) \| (.+) \|$/gm)]
    .filter(([, , type]) => /^(bool|int|float|decimal|timestamp|duration|string|json)/.test(type!))
    .map(([, expression, type, value]) => ({ expression: unescaped(expression!), type, value }));

  /** The value as text; `null`, or `error` where a row with it would be in error. */
  function evaluate(expression: string): string {
    const typed = inferExpression(parseExpression(`CAST(${expression} AS STRING)`), scopeOf([]));
    try {
      return String(interpret(typed, []));
    } catch (error) {
      if (error instanceof RowError) return 'error';
      throw error;
    }
  }

  test('there are examples', () => {
    expect(examples.length).toBeGreaterThanOrEqual(60);
  });

  test.each(examples)('$expression', ({ expression, type, value }) => {
    const { type: found } = inferExpression(parseExpression(expression), scopeOf([]));
    expect({ type: typeName(found), value: evaluate(expression) }).toEqual({ type, value });
  });

  test('lists every function with its usage and summary', () => {
    const escaped = (text: string): string => text.replaceAll('|', '\\|');
    const missing = [...SCALAR_FUNCTIONS, ...SHORT_FORMS].filter(({ names, usage, summary }) => {
      const row = `| \`${escaped(usage)}\` | ${escaped(summary)}`;
      return !PAGE.includes(row) || names.slice(1).some((name) => !PAGE.includes(`\`${name}\``));
    });
    expect(missing.map(({ names }) => names[0])).toEqual([]);
  });
});

describe('the reference of aggregates', () => {
  test('lists every function with its usage and summary', () => {
    const page = read('docs/reference/aggregates.md');
    const missing = AGGREGATE_TABLE.filter(({ names, usage, summary }) => {
      const row = `| \`${usage}\` | ${summary}`;
      return !page.includes(row) || names.slice(1).some((name) => !page.includes(`\`${name}\``));
    });
    expect(missing.map(({ names }) => names[0])).toEqual([]);
  });
});

describe('the reference of topologies', () => {
  /** Every property that the JSON Schema knows is named on the page, or on an operator's, as code. */
  test('names every property', () => {
    const operators = readdirSync(join(ROOT, 'docs/reference/operators')).map((name) =>
      read(`docs/reference/operators/${name}`),
    );
    const pages = ['topology', 'admission'].map((name) => read(`docs/reference/${name}.md`));
    const page = [...pages, ...operators].join('\n');
    const names = new Set<string>();
    const visit = (schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [key, value] of Object.entries(schema)) {
        if (key === 'properties') Object.keys(value as object).forEach((name) => names.add(name));
        visit(value);
      }
    };
    visit(JSON.parse(readFileSync(join(ROOT, 'topology.schema.json'), 'utf8')));
    expect(names.size).toBeGreaterThan(50);
    const unnamed = [...names].filter(
      (name) => !new RegExp(`[\`".]${escape(name)}[\`".]`).test(page),
    );
    expect(unnamed).toEqual([]);
  });

  const escape = (name: string): string => name.replace('$', '\\$');
});
