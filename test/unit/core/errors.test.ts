import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { asMillraceError, MillraceError } from '../../../src/core/errors.ts';

/** The class of another copy of the package: user code on a thread has one. */
const url: string = '../../../src/core/errors.ts?copy';
const copy = (await import(url)) as {
  readonly MillraceError: typeof MillraceError;
};

describe('MillraceError', () => {
  test('is known by a mark, whichever copy of the package made it', () => {
    const foreign = new copy.MillraceError('ERR_BAD_ROW', 'no');
    expect(Object.getPrototypeOf(foreign)).not.toBe(MillraceError.prototype);
    expect(foreign).toBeInstanceOf(MillraceError);
    expect(asMillraceError(foreign, 'ERR_INTERNAL', 'n')).toMatchObject({
      code: 'ERR_BAD_ROW',
      node: 'n',
    });
  });

  test.each([new Error('no'), { code: 'ERR_BAD_ROW' }, null, undefined, 'ERR_BAD_ROW'])(
    '%s is none',
    (value) => {
      expect(value).not.toBeInstanceOf(MillraceError);
    },
  );

  test('does not show its mark', () => {
    expect(inspect(new MillraceError('ERR_BAD_ROW', 'no'))).not.toMatch(/Symbol/);
  });
});
