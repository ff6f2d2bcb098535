import { describe, expect, test } from 'vitest';
import { IssueList } from '../../../src/core/topology/issues.ts';
import { takeDocument } from '../../../src/core/topology/substitute.ts';

const env = { HOME: '/srv/data', EMPTY: '', LOOP: '${HOME}', UNSET: undefined };

function take(value: unknown): { value: unknown; problems: string[] } {
  const issues = new IssueList();
  const taken = takeDocument(value, env, issues);
  const problems = issues.issues.map((issue) => `${issue.pointer}: ${issue.message}`);
  return { value: taken, problems };
}

describe('variables in strings', () => {
  test.each([
    ['${HOME}/x', '/srv/data/x'],
    ['a${HOME}b${HOME}', 'a/srv/datab/srv/data'],
    ['${EMPTY}', ''],
    ['${EMPTY:-else}', 'else'],
    ['${UNSET:-else}', 'else'],
    ['${NOT_SET:-}', ''],
    ['${NOT_SET:-a:-b\n{c}', 'a:-b\n{c'],
    ['${HOME:-else}', '/srv/data'],
    ['${LOOP}', '${HOME}'],
    ['$${HOME}', '${HOME}'],
    ['$$${HOME}', '$${HOME}'],
    ['$HOME $ {HOME} {HOME}', '$HOME $ {HOME} {HOME}'],
    ['${toString:-own}', 'own'],
  ])('%j becomes %j', (written, value) => {
    expect(take(written)).toEqual({ value, problems: [] });
  });

  test.each([
    ['${NOT_SET}', `: environment variable 'NOT_SET' is not set and has no default`],
    [
      '${HOMe}',
      `: environment variable 'HOMe' is not set and has no default; did you mean 'HOME'?`,
    ],
    ['${}', ': expected ${NAME} or ${NAME:-default} (a literal ${ is written $${), found "${}"'],
    [
      '${A-B}',
      ': expected ${NAME} or ${NAME:-default} (a literal ${ is written $${), found "${A-B}"',
    ],
    [
      '${HOME',
      ': expected ${NAME} or ${NAME:-default} (a literal ${ is written $${), found "${HOME"',
    ],
  ])('%j is a problem', (written, problem) => {
    expect(take(written)).toEqual({ value: written, problems: [problem] });
  });

  test('are replaced in values, however deep, and not in keys', () => {
    expect(take({ '${HOME}': ['${HOME}', { a: '${NOPE}' }] })).toEqual({
      value: { '${HOME}': ['/srv/data', { a: '${NOPE}' }] },
      problems: ["/${HOME}/1/a: environment variable 'NOPE' is not set and has no default"],
    });
  });
});

describe('what JSON cannot express', () => {
  test.each([
    [() => 1, 'a function'],
    [1n, 'a bigint'],
    [Symbol('x'), 'a symbol'],
    [NaN, 'NaN'],
    [new Date(0), 'an instance of Date'],
    [[undefined], 'nothing'],
  ])('%s is a problem', (value, found) => {
    expect(take({ a: value }).problems).toEqual([
      `/a${Array.isArray(value) ? '/0' : ''}: expected a JSON value, found ${found}`,
    ]);
  });

  test('objects without a prototype are plain', () => {
    const bare = Object.assign(Object.create(null), { a: 1 }) as object;
    expect(take(bare)).toEqual({ value: { a: 1 }, problems: [] });
  });
});
