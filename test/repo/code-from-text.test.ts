/** No text of a topology can become JavaScript: nothing in `src` makes code of texts. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { read, ROOT } from './support/repository.ts';

const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => `src/${path.replaceAll('\\', '/')}`);

/** A source without its comments. Texts in quotes stay: a word in them would have to be looked at. */
function codeOf(path: string): string {
  return read(path)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '');
}

function filesWith(pattern: RegExp): string[] {
  return SOURCES.filter((path) => pattern.test(codeOf(path)));
}

describe('code from text', () => {
  test('all sources are looked at', () => {
    expect(SOURCES.length).toBeGreaterThan(300);
    expect(filesWith(/\bimport\(/).length).toBeGreaterThan(2);
  });

  test.each([
    ['eval', /\beval\b/],
    [
      'the constructor of functions',
      /\bFunction\s*\(|\bnew Function\b|\bGeneratorFunction\b|\bAsyncFunction\b/,
    ],
    ['the constructor of functions, by another way', /\.constructor\s*\(|\['constructor'\]/],
    ['a module of code', /['"](?:node:)?(?:vm|repl|inspector|v8)(?:\/[^'"]*)?['"]/],
    ['a thread made of text', /\beval\s*:/],
    ['a timer with a text', /\bset(?:Timeout|Interval|Immediate)\(\s*['"`]/],
  ])('%s is nowhere', (_what, pattern) => {
    expect(filesWith(pattern)).toEqual([]);
  });

  test('modules are imported by names in the source, but for those of users', () => {
    expect(filesWith(/\bimport\((?!'[^'$]*'\))/)).toEqual(['src/modules/load-function.ts']);
    expect(filesWith(/\brequire\b/)).toEqual([]);
    const loads = SOURCES.filter((path) => /createRequire/.test(codeOf(path)));
    expect(loads).toEqual(['src/rows/values/json.ts', 'src/workers/thread/load-deferred.ts']);
    expect(codeOf(loads[0]!)).toMatch(
      /createRequire\(import\.meta\.url\)\(\s*'@msgpack\/msgpack',?\s*\)/,
    );
    const named = [...codeOf(loads[1]!).matchAll(/\bload\(([^)]*)\)/g)].map(([, what]) => what);
    expect(named).toEqual(["'./deferred.ts'", "'./deferred.js'"]);
  });

  test('the parser of topologies is told not to generate code', () => {
    const parsing = filesWith(/\.(?:safeParse|parse)(?:Async)?\((?!message|text)/).filter((path) =>
      /from 'zod'|documentSchema/.test(codeOf(path)),
    );
    for (const path of parsing) {
      const calls = codeOf(path).match(/documentSchema\.\w*[pP]arse\w*\([^)]*\)/g) ?? [];
      for (const call of calls) expect(call).toContain('jitless: true');
    }
    expect(parsing).toContain('src/core/topology/shape.ts');
  });
});
