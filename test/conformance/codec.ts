/** What every codec must do, whatever its format. */

import { describe, expect, test } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import type { FileFormat } from '../../src/core/topology/model.ts';
import { batchOf, decode, encode, EVERY_TYPE, rowsOf, schemaOf } from './codec-support.ts';

/** Rows with the values that codecs get wrong. */
export const HARD_ROWS: readonly Record<string, unknown>[] = [
  {},
  { b: true, i: 0, l: 0n, f: 0, d: '0', t: 0, u: 0, s: '', y: new Uint8Array(0), j: {} },
  {
    b: false,
    i: -2147483648,
    l: -(2n ** 63n),
    f: -0,
    d: '-99999999999999.9999',
    t: -1,
    u: -1,
    s: 'a,b;"c"\r\nd\te',
    y: Uint8Array.of(0, 255, 128),
    j: [],
  },
  {
    b: true,
    i: 2147483647,
    l: 2n ** 63n - 1n,
    f: 5e-324,
    d: '99999999999999.9999',
    t: 1_767_225_600_000.123,
    u: 86_400_000.001,
    s: '😀 höher als ein langes Wort \u0000\u001f\u007f\u2028',
    y: Uint8Array.from({ length: 40 }, (_, i) => i * 7),
    j: { a: [1, -1.5, 2n ** 60n + 1n, null, { b: 'x "y" \n' }], '': 'é😀' },
  },
  { f: Infinity, s: '"', t: 253_402_300_799_999, l: 9_007_199_254_740_993n },
  { f: -Infinity, s: '""', t: -62_135_596_800_000, j: 'text' },
  { f: NaN, s: ' ', u: 1e15, j: 0.1 },
  { f: 1.7976931348623157e308, s: 'null', d: '0.0001', j: false },
  { f: 0.1 + 0.2, s: 'NULL', d: '-0.0001', y: Uint8Array.of(1) },
  { f: 1e21, s: '\n', i: -1, l: -1n },
  { f: 123456789012345680, s: '\ufeff', y: Uint8Array.of(1, 2) },
];

/** Rows of which each is good, with the id 0, 1, 2 … */
const plainRows = (count: number): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, id) => ({ id, name: `name-${id} `.repeat(id % 5) }));

const PLAIN: Schema = schemaOf({ id: 'int32', name: 'string' });

/**
 * @param badLine - a line that is no row of `id int32, name string`
 */
export function describeCodec(name: string, format: FileFormat, badLine: string): void {
  describe(`${name}: codec conformance`, () => {
    test('what it writes it reads, to the last bit', () => {
      const batch = batchOf(EVERY_TYPE, HARD_ROWS);
      const { rows, rejects } = decode(format, EVERY_TYPE, encode(format, EVERY_TYPE, batch));
      expect(rejects).toEqual([]);
      expect(rows).toEqual(rowsOf(batch, EVERY_TYPE));
    });

    test('pieces of any size make the same rows', () => {
      const batch = batchOf(EVERY_TYPE, HARD_ROWS);
      const text = encode(format, EVERY_TYPE, batch);
      for (let size = 1; size < 64; size++) {
        const { rows, rejects } = decode(format, EVERY_TYPE, text, { pieces: [size] });
        expect(rejects, `pieces of ${size}`).toEqual([]);
        expect(rows, `pieces of ${size}`).toEqual(rowsOf(batch, EVERY_TYPE));
      }
    });

    test('batches that fill up, by rows or by bytes, make the same rows', () => {
      const batch = batchOf(PLAIN, plainRows(300));
      const text = encode(format, PLAIN, batch);
      for (const options of [{ rowCapacity: 64 }, { heapBytes: 64 }, { heapBytes: 100 }]) {
        expect(decode(format, PLAIN, text, options)).toEqual({
          rows: rowsOf(batch, PLAIN),
          rejects: [],
        });
      }
    });

    test('LF, CRLF, a byte order mark and a missing last line end make no difference', () => {
      const batch = batchOf(PLAIN, plainRows(3));
      const text = encode(format, PLAIN, batch);
      const expected = { rows: rowsOf(batch, PLAIN), rejects: [] };
      for (const variant of [
        text.replaceAll('\n', '\r\n'),
        `\ufeff${text}`,
        text.slice(0, -1),
        text.replaceAll('\n', '\r\n').slice(0, -1),
        text.replaceAll('\n', '\n\n'),
      ]) {
        expect(decode(format, PLAIN, variant), JSON.stringify(variant)).toEqual(expected);
        expect(decode(format, PLAIN, variant, { pieces: [1] })).toEqual(expected);
      }
    });

    test('a bad row is rejected with its line, and the rows around it are read', () => {
      const lines = encode(format, PLAIN, batchOf(PLAIN, plainRows(4))).split('\n');
      const at = lines.findIndex((line) => line.includes('name-2'));
      lines.splice(at, 0, badLine);
      for (const pieces of [[1], [7], [10_000]]) {
        const { rows, rejects } = decode(format, PLAIN, lines.join('\n'), { pieces });
        expect(rows.map((row) => row['id'])).toEqual([0, 1, 2, 3]);
        expect(rejects).toHaveLength(1);
        expect(rejects[0]).toMatchObject({ file: 'input.txt', line: at + 1, input: badLine });
      }
    });

    test('a bad row waits while the error port has no room', () => {
      const lines = encode(format, PLAIN, batchOf(PLAIN, plainRows(4))).split('\n');
      lines.splice(2, 0, badLine, badLine);
      const decoded = decode(format, PLAIN, lines.join('\n'), { isErrorPortSlow: true });
      expect(decoded.rows.map((row) => row['id'])).toEqual([0, 1, 2, 3]);
      expect(decoded.rejects).toHaveLength(2);
    });

    test('a tuple that no batch can hold is rejected with its size and the limit', () => {
      const rows = plainRows(4);
      rows[2] = { id: 2, name: 'x'.repeat(5000) };
      const text = encode(format, PLAIN, batchOf(PLAIN, rows));
      for (const pieces of [[1000], [100_000]]) {
        const decoded = decode(format, PLAIN, text, { heapBytes: 256, pieces });
        expect(decoded.rows.map((row) => row['id'])).toEqual([0, 1, 3]);
        expect(decoded.rejects).toHaveLength(1);
        expect(decoded.rejects[0]?.message).toContain('5000 bytes');
        expect(decoded.rejects[0]?.message).toContain('256');
      }
    });

    test('a row longer than can be kept is rejected, and reading goes on behind it', () => {
      const rows = plainRows(4);
      rows[1] = { id: 1, name: 'x'.repeat(5000) };
      const text = encode(format, PLAIN, batchOf(PLAIN, rows));
      const decoded = decode(format, PLAIN, text, { rowLimitBytes: 1000 });
      expect(decoded.rows.map((row) => row['id'])).toEqual([0, 2, 3]);
      expect(decoded.rejects).toHaveLength(1);
      expect(decoded.rejects[0]?.message).toContain('1000 bytes');
    });

    test('text that is not UTF-8 is rejected, and only that', () => {
      const text = encode(format, PLAIN, batchOf(PLAIN, plainRows(4)));
      const bytes = new TextEncoder().encode(text);
      bytes[text.indexOf('name-2') + 1] = 0xff;
      for (const pieces of [[1], [3], [10_000]]) {
        const { rows, rejects } = decode(format, PLAIN, bytes, { pieces });
        expect(rows.map((row) => row['id'])).toEqual([0, 1, 3]);
        expect(rejects).toHaveLength(1);
        expect(rejects[0]?.message).toContain('not UTF-8');
        expect(rejects[0]?.field).toBe('name');
      }
    });

    test('a row without an event time is rejected', () => {
      const schema = schemaOf({ t: 'timestamp', id: 'int32' });
      const batch = batchOf(schema, [
        { t: 0, id: 0 },
        { id: 1 },
        { t: 1e15, id: 2 },
        { t: 5, id: 3 },
      ]);
      const decoded = decode(format, schema, encode(format, schema, batch), { timeColumn: 0 });
      expect(decoded.rows.map((row) => row['id'])).toEqual([0, 3]);
      expect(decoded.rejects.map((reject) => reject.field)).toEqual(['t', 't']);
    });

    test('no rows make no rows', () => {
      const text = encode(format, PLAIN, batchOf(PLAIN, []));
      expect(decode(format, PLAIN, text)).toEqual({ rows: [], rejects: [] });
    });

    test('only selected rows are written', () => {
      const batch = batchOf(PLAIN, plainRows(5));
      batch.selection = Uint32Array.of(1, 3);
      batch.selected = 2;
      const { rows } = decode(format, PLAIN, encode(format, PLAIN, batch));
      expect(rows.map((row) => row['id'])).toEqual([1, 3]);
    });
  });
}
