import { describe, expect, test } from 'vitest';
import { ourFiles, read } from './support/repository.ts';

const TEXT = /(\.(ts|js|cjs|mjs|json|jsonc|md|sql|csv|jsonl|txt|html|css|yml)|\/run|rc|ignore)$/;

/** The pieces are joined here, so that this file does not contain what it looks for. */
const pattern = (...pieces: readonly string[]): RegExp => new RegExp(pieces.join(''), 'i');

/** What only one machine knows has no place in the repository. */
const MACHINE_BOUND: Readonly<Record<string, RegExp>> = {
  'an absolute path of a working copy': pattern('(?<![\\w.)-])/', 'work', '/'),
  "an absolute path into somebody's home": pattern(
    '(?<![\\w.:-])/(',
    'home|Users',
    ')/(?!someone\\b)\\w',
  ),
  "an absolute path into root's home": pattern('(?<![\\w.:-])/', 'root', '/\\w'),
  'a path of a Windows user': pattern('\\b[A-Z]:\\\\+', 'Users'),
  'the address of a package registry': pattern('https?://[^\\s/"\']*', 'registry', '[^\\s/"\']*'),
  'the address of a package proxy': pattern('https?://[^\\s"\']*(', 'artifactory|verdaccio', ')'),
  'a private network address': pattern('\\b(', '10\\.\\d+', '|192\\.168)\\.\\d+\\.\\d+\\b'),
  'a credential': pattern('_', 'authToken', '|BEGIN [A-Z ]*PRIVATE', ' KEY'),
};

describe('every file', () => {
  const files = ourFiles().filter((path) => TEXT.test(path));

  test.each(Object.entries(MACHINE_BOUND))('is free of %s', (_, forbidden) => {
    const found = files.flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((line, index) => (forbidden.test(line) ? [`${path}:${index + 1}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test('has no mark of an unfinished merge', () => {
    const marks = /^(<{7} |>{7} |={7}$)/m;
    expect(files.filter((path) => marks.test(read(path)))).toEqual([]);
  });
});

describe('every test', () => {
  const tests = ourFiles('test').filter((path) => path.endsWith('.ts'));

  test('runs: none is marked as the only one', () => {
    const only = pattern('\\b(test|it|describe|suite|bench)(\\.\\w+)*\\.', 'only\\b');
    expect(tests.filter((path) => only.test(read(path)))).toEqual([]);
  });

  test('lies where a script finds it', () => {
    const known =
      /^test\/(unit|property|model|conformance|golden|differential|repo|integration|mutation|stress)\//;
    const strays = tests.filter((path) => path.endsWith('.test.ts') && !known.test(path));
    expect(strays).toEqual([]);
  });
});
