import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { SpillFiles } from '../../../src/storage/spill-files.ts';
import type { SpillOptions } from '../../../src/storage/spill-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-spill-'));
afterAll(() => rmSync(directory, { recursive: true }));

function open(options: Partial<SpillOptions> = {}): SpillFiles {
  return new SpillFiles({ directory, limitBytes: 2 ** 30, owner: "aggregate 'g'", ...options });
}

/** Bytes that tell one piece from another. */
function piece(number: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (number * 31 + i) & 255);
}

function readBack(store: SpillFiles, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  store.read(at, bytes);
  return bytes;
}

test('pieces come back in any order, from the buffer, from files and across both', () => {
  const store = open({ fileBytes: 300_000 });
  const pieces = Array.from({ length: 60 }, (_, n) => piece(n, (n * 7919) % 30_000));
  const places = pieces.map((bytes) => store.append(bytes));
  for (let i = 0; i < 60; i++) {
    const n = (i * 37) % 60;
    expect(Buffer.compare(readBack(store, places[n]!, pieces[n]!.length), pieces[n]!)).toBe(0);
  }
  store.close();
});

test('files are gone from their folder at once, and their bytes with the last piece', () => {
  const store = open({ fileBytes: 100_000 });
  const places = Array.from({ length: 40 }, (_, n) => store.append(piece(n, 10_000)));
  expect(readdirSync(directory)).toEqual([]);
  expect(store.bytes).toBe(40 * 10_008);
  for (const at of places.slice(0, 39)) store.release(at, 10_000);
  // The file with the last piece has nine others, or fewer.
  expect(store.bytes).toBeLessThanOrEqual(10 * 10_008);
  store.release(places[39]!, 10_000);
  expect(store.bytes).toBe(0);
  const at = store.append(piece(7, 100));
  expect(readBack(store, at, 100)).toEqual(piece(7, 100));
  store.close();
});

test('more bytes than there may be are an error that says whose they are, and how many', () => {
  const store = open({ limitBytes: 50_000 });
  const first = store.append(piece(0, 30_000));
  const more = () => store.append(piece(1, 30_000));
  expect(more).toThrow(
    "aggregate 'g' has 30008 bytes of its state on disk, and more would exceed /engine/state/spillLimit, 50000 bytes",
  );
  expect(more).toThrow(expect.objectContaining({ code: 'ERR_LIMIT_EXCEEDED' }));
  store.release(first, 30_000);
  expect(more).not.toThrow();
  store.close();
});

test('a full disk is an error that names the file and who writes', () => {
  const store = open({
    write: () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
  });
  const fill = () => {
    for (let n = 0; n < 30; n++) store.append(piece(n, 20_000));
  };
  expect(fill).toThrow(
    /spill-[-0-9a-f]+' could not be written, where aggregate 'g' keeps state: ENOSPC/,
  );
  expect(fill).toThrow(expect.objectContaining({ code: 'ERR_FILE' }));
  store.close();
});

test('a folder that cannot be made is an error that names it', () => {
  const store = open({ directory: '/dev/null/state' });
  expect(() => store.append(piece(0, 10))).toThrow(/'\/dev\/null\/state\/spill-/);
});

test('damage is found', () => {
  const written: number[] = [];
  const { writeSync } = process.getBuiltinModule('node:fs');
  const store = open({
    write: ((fd: number, bytes: Uint8Array, at: number, length: number, position: number) => {
      const changed = bytes.slice(at, at + length);
      if (position === 0) changed[5000]! ^= 1;
      written.push(length);
      return writeSync(fd, changed, 0, length, position);
    }) as typeof writeSync,
  });
  const at = store.append(piece(0, 20_000));
  const sound = store.append(piece(1, 400_000));
  expect(written.length).toBeGreaterThan(0);
  expect(() => readBack(store, at, 20_000)).toThrow('is damaged at byte 0');
  expect(readBack(store, sound, 400_000)).toEqual(piece(1, 400_000));
  store.close();
});
