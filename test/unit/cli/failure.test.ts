import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/cli/exit-status.ts';
import {
  describeError,
  describeIssue,
  exitStatusOf,
  PhaseError,
  printable,
  report,
} from '../../../src/cli/failure.ts';
import { ERROR_CODES, MillraceError } from '../../../src/core/errors.ts';
import { FakeWorld } from './support.ts';

describe('the exit status', () => {
  test.each(ERROR_CODES)('of %s at run time is 1', (code) => {
    expect(exitStatusOf(new MillraceError(code, 'x'))).toBe(1);
  });

  test.each([
    ['ERR_TOPOLOGY_INVALID', 78],
    ['ERR_FILE', 78],
    ['ERR_LIMIT_EXCEEDED', 78],
    ['ERR_USAGE', 2],
    ['ERR_INTERNAL', 1],
  ] as const)('of %s before a run is %d', (code, status) => {
    expect(exitStatusOf(new PhaseError('starting', new MillraceError(code, 'x')))).toBe(status);
  });

  test('of anything else is 1, of wrong usage 2', () => {
    expect(exitStatusOf(new TypeError('x'))).toBe(1);
    expect(exitStatusOf(new PhaseError('starting', new TypeError('x')))).toBe(1);
    expect(exitStatusOf('x')).toBe(1);
    expect(exitStatusOf(new UsageError('x'))).toBe(2);
  });
});

describe('an error is printed', () => {
  test('with its code, and with its node where the message does not say it', () => {
    const bad = new MillraceError('ERR_BAD_ROW', 'a.csv:3: no number', { node: 'clicks' });
    expect(describeError(bad, false)).toBe(
      "error: a.csv:3: no number (ERR_BAD_ROW, node 'clicks')\n",
    );
    const said = new MillraceError('ERR_BAD_ROW', "'clicks' broke", { node: 'clicks' });
    expect(describeError(said, false)).toBe("error: 'clicks' broke (ERR_BAD_ROW)\n");
  });

  test('with every problem of a topology on a line of its own', () => {
    const error = new MillraceError(
      'ERR_TOPOLOGY_INVALID',
      't is not valid: two\n  /a: x\n  /b: y',
    );
    expect(describeError(new PhaseError('starting', error), false)).toBe(
      'error: t is not valid: two (ERR_TOPOLOGY_INVALID)\n  /a: x\n  /b: y\n',
    );
  });

  test('without code and node where there is none', () => {
    expect(describeError(new Error('x'), false)).toBe('error: x\n');
    expect(describeError('y', false)).toBe('error: y\n');
  });

  test('with a stack only if asked for', () => {
    const error = new MillraceError('ERR_FILE', 'x', { cause: new Error('deep') });
    expect(describeError(error, false)).not.toMatch(/ {4}at /);
    expect(describeError(error, true)).toMatch(/ {4}at [\s\S]*cause[\s\S]*deep/);
  });

  test.each([
    ['1', true],
    ['millrace', true],
    ['', false],
    ['0', false],
    [undefined, false],
  ])('with a stack if DEBUG is %j: %j', (value, hasStack) => {
    const world = new FakeWorld();
    world.env['DEBUG'] = value;
    report(new Error('x'), world);
    expect(/ {4}at /.test(world.stderr.text)).toBe(hasStack);
  });
});

describe('a problem of a topology', () => {
  test.each([
    ['/a/b', 'bad', 't.json: /a/b: bad'],
    ['', 'expected an object', 't.json: expected an object'],
    ['', 't.json:3:7: unexpected end', 't.json:3:7: unexpected end'],
  ])('at %j', (pointer, message, line) => {
    expect(describeIssue('t.json', { pointer, message })).toBe(line);
  });
});

test('input cannot move the cursor', () => {
  expect(printable('a\u001b[2Jb\u0007\r\u009bc\td\ne')).toBe(
    'a\\u001b[2Jb\\u0007\\u000d\\u009bc\td\ne',
  );
});
