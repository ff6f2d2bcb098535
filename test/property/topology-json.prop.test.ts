/** The JSON reader against JSON.parse: the same values, and the same texts refused. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJsonText } from '../../src/core/topology/json-text.ts';

function referenceOf(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function expectSame(text: string): void {
  const reference = referenceOf(text);
  const parsed = parseJsonText(text);
  expect(parsed.ok, text).toBe(reference !== undefined);
  if (parsed.ok && reference !== undefined) expect(parsed.value).toEqual(reference.value);
}

const json = fc.jsonValue({ maxDepth: 5, noUnicodeString: false });
const indent = fc.constantFrom(undefined, 2, '\t');

test('random JSON is read alike', () => {
  fc.assert(
    fc.property(json, indent, (value, space) => {
      expectSame(JSON.stringify(value, undefined, space));
    }),
    { numRuns: 500 },
  );
});

test('JSON with one character changed, added or removed is read or refused alike', () => {
  const character = fc.constantFrom(
    ...'{}[]",:\\/ \n\r\t0123456789eE+-.ntrufalsb\u0000\u0007é\u2028'.split(''),
  );
  const slip = fc.record({
    at: fc.nat(),
    character,
    kind: fc.constantFrom('change', 'add', 'remove'),
  });
  fc.assert(
    fc.property(json, slip, (value, { at, character: c, kind }) => {
      const text = JSON.stringify(value);
      const i = at % (text.length + 1);
      const changed =
        text.slice(0, i) + (kind === 'remove' ? '' : c) + text.slice(kind === 'add' ? i : i + 1);
      if (/\/[/*]/.test(changed)) return; // a comment, which JSON.parse does not know
      expectSame(changed);
    }),
    { numRuns: 3000 },
  );
});

test('random text of JSON characters is read or refused alike', () => {
  const text = fc.string({
    unit: fc.constantFrom(...'{}[]",:\\ \n01e-.'.split(''), 'null', 'true', '"a"', '\\u00e9'),
    maxLength: 12,
  });
  fc.assert(fc.property(text, expectSame), { numRuns: 3000 });
});
