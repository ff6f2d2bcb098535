import { readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchors, codeBlockLines, codeSpans, linkTargets } from './support/markdown.ts';
import { ROOT, exists, manifest, ourFiles, read } from './support/repository.ts';

describe('ARCHITECTURE.md', () => {
  const text = () => read('ARCHITECTURE.md', 'it is the map of the source');

  /** The top-level folders a path can begin with, and the endings that make a name a file's. */
  const INSIDE = /^(src|test|bench|examples|docs|scripts|\.ci)(\/|$)/;
  const FILE = /\.(ts|js|cjs|mjs|json|jsonc|md|yml)$/;

  test('names only paths that exist', () => {
    const paths = codeSpans(text())
      .map((code) => code.replace(/^\.\//, '').replace(/:\d+$/, ''))
      .filter((code) => /^[\w.@-]+(\/[\w.@-]+)*\/?$/.test(code))
      .filter((code) => INSIDE.test(code) || FILE.test(code));
    expect(paths.length).toBeGreaterThan(0);
    const missing = paths.filter(
      (path) => !exists(path) && (INSIDE.test(path) || !exists(join('src', path))),
    );
    expect(missing).toEqual([]);
  });

  test('names every folder of src', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    const map = text();
    expect(folders.filter((name) => !new RegExp(`\\b${name}\\b`).test(map))).toEqual([]);
  });
});

describe('README.md', () => {
  /** What a reader types after cloning; the page gives each as a line of its own. */
  const COMMANDS = ['npm ci && npm start', 'npm ci && npm test'];

  test.each(COMMANDS)('gives the command `%s`', (command) => {
    const lines = codeBlockLines(read('README.md', 'it is the first page')).map((line) =>
      line.trim().replace(/\s+#.*$/, ''),
    );
    expect(lines).toContain(command);
  });

  test('names only npm scripts that exist', () => {
    const { scripts } = manifest();
    const named = [...read('README.md').matchAll(/npm run (?:--silent |-s )?([\w:-]+)/g)].map(
      ([, script]) => script!,
    );
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
    expect(scripts).toMatchObject({ start: expect.any(String), test: expect.any(String) });
  });
});

describe('links in the documentation', () => {
  const pages = ourFiles().filter((path) => path.endsWith('.md'));

  test('there are pages', () => {
    expect(pages).toEqual(expect.arrayContaining(['ARCHITECTURE.md', 'README.md']));
  });

  test.each(pages)('%s', (page) => {
    const broken = linkTargets(read(page)).filter((target) => !resolves(page, target));
    expect(broken).toEqual([]);
  });
});

/** Whether a link leads somewhere; addresses outside the repository are not followed. */
function resolves(page: string, target: string): boolean {
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) return true;
  const [path = '', fragment] = decodeURI(target).split('#');
  const file = path === '' ? page : posix.normalize(posix.join(dirname(page), path));
  if (file.startsWith('../') || !exists(file)) return false;
  if (fragment === undefined || !file.endsWith('.md')) return true;
  return anchors(read(file)).has(fragment);
}
