import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/core/errors.ts';
import { read } from './support/repository.ts';

const PAGE = 'docs/reference/errors.md';

/** A code is documented by a heading or by the first cell of a table's row. */
function documented(): string[] {
  const text = read(PAGE, 'it explains every code of src/core/errors.ts');
  return [...text.matchAll(/^(?:#{1,6}\s+|\|\s*)`?(ERR_[A-Z0-9_]+)\b/gm)].map(([, code]) => code!);
}

describe(PAGE, () => {
  test('explains every error code', () => {
    const known = new Set(documented());
    expect(ERROR_CODES.filter((code) => !known.has(code))).toEqual([]);
  });

  test('explains no code that does not exist, and none twice', () => {
    const codes: readonly string[] = ERROR_CODES;
    const explained = documented();
    expect(explained.filter((code) => !codes.includes(code))).toEqual([]);
    expect(explained).toHaveLength(new Set(explained).size);
  });
});
