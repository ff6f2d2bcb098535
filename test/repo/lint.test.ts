import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from './support/repository.ts';

/** Each snippet, in a file of its own, with the rules that must object: none where it is fine. */
const SNIPPETS: Readonly<Record<string, readonly [source: string, rules: readonly string[]]>> = {
  'src/engine/atomics.ts': [
    'export const a = Atomics.load(new Int32Array(1), 0);',
    ['no-restricted-globals'],
  ],
  'src/ringbuf/atomics.ts': ['export const a = Atomics.load(new Int32Array(1), 0);', []],
  'src/core/clock.ts': ['export const a = Date.now();', ['no-restricted-properties']],
  'src/engine/clock.ts': ['export const a = Date.now();', []],
  'src/core/timer.ts': [
    'export const a = setTimeout(() => undefined, performance.now());',
    ['no-restricted-globals'],
  ],
  'src/core/environment.ts': ['export const a = process.pid;', ['no-restricted-globals']],
  'src/operators/random.ts': ['export const a = Math.random();', ['no-restricted-properties']],
  'src/expr/file.ts': ["export { readFileSync } from 'node:fs';", ['no-restricted-imports']],
  'src/expr/eval.ts': ["export const a = eval('1');", ['no-eval']],
  'src/expr/function.ts': ["export const a = new Function('return 1');", ['no-new-func']],
  'src/engine/default.ts': ['export default 1;', ['no-default-export']],
  'src/engine/tag.ts': ['/** @wat */\nexport const a = 1;', ['check-tag-names']],

  'src/hot/literal.ts': ['/** @hot */\nexport function f() {\n  return [1];\n}', ['hot-path']],
  'src/hot/object.ts': ['/** Runs.\n * @hot\n */\nexport const f = () => ({});', ['hot-path']],
  'src/hot/method.ts': [
    'export class C {\n  /** @hot */\n  f(a: number[]) {\n    for (const b of a) void b;\n  }\n}',
    ['hot-path'],
  ],
  'src/hot/private.ts': [
    'export class C {\n  /** @hot */\n  #f() {\n    return new Map();\n  }\n  g() {\n    return this.#f();\n  }\n}',
    ['hot-path'],
  ],
  'src/hot/closure.ts': [
    '/** @hot */\nexport function f(a: number) {\n  return () => a;\n}',
    ['hot-path'],
  ],
  'src/hot/template.ts': [
    '/** @hot */\nexport function f(a: number) {\n  return `${a}`;\n}',
    ['hot-path'],
  ],
  'src/hot/fine.ts': [
    '/** @hot */\nexport function f(a: Int32Array) {\n  let sum = 0;\n  for (let i = 0; i < a.length; i++) sum += a[i] ?? 0;\n  return sum;\n}',
    [],
  ],
  'src/hot/throw.ts': [
    '/** @hot */\nexport function f(a: number) {\n  if (a < 0) throw new RangeError(`below zero: ${a}`);\n  return a;\n}',
    [],
  ],
  'src/hot/neighbour.ts': [
    '/** @hot */\nexport function f() {\n  return 1;\n}\n\n/** Not marked. */\nexport function g() {\n  return [f()];\n}',
    [],
  ],
  'src/hot/around.ts': [
    '/** Makes a hot function. */\nexport function make() {\n  const table = [1];\n  /** @hot */\n  return function f(i: number) {\n    return table[i];\n  };\n}',
    [],
  ],
};

describe('the lint rules have teeth', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-lint-'));
  const found = new Map<string, Set<string>>();

  beforeAll(() => {
    cpSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
    cpSync(join(ROOT, 'scripts/lint'), join(folder, 'scripts/lint'), { recursive: true });
    for (const [path, [source]] of Object.entries(SNIPPETS)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${source}\n`);
    }
    const oxlint = join(ROOT, 'node_modules/oxlint/bin/oxlint');
    const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '--format', 'json', 'src'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (!stdout.startsWith('{')) throw new Error(`oxlint failed: ${stdout}${stderr}`);
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: readonly { readonly filename: string; readonly code: string }[];
    };
    for (const { filename, code } of diagnostics) {
      const path = filename.replaceAll('\\', '/');
      const rules = found.get(path) ?? new Set<string>();
      found.set(path, rules.add(/\(([^)]+)\)$/.exec(code)?.[1] ?? code));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(Object.entries(SNIPPETS))('%s', (path, [, rules]) => {
    expect([...(found.get(path) ?? [])]).toEqual(rules);
  });
});
