/** The form of written state: values come back, and whatever is wrong with it is noticed. */

import { expect, test } from 'vitest';
import { MillraceError } from '../../../src/core/errors.ts';
import type { StateIo, Steps } from '../../../src/core/state-io.ts';
import {
  stateOfItems,
  stateOfLists,
  stateOfMap,
  stateOfNumbers,
} from '../../../src/core/state-io.ts';
import type { Remembering } from '../../../src/state/index.ts';
import { finish, readSnapshot, writeSnapshot } from '../../../src/state/index.ts';
import { checksum } from '../../../src/state/snapshot/checksum.ts';
import { StateReader } from '../../../src/state/snapshot/state-reader.ts';
import { StateWriter } from '../../../src/state/snapshot/state-writer.ts';
import { chunksSource } from '../../support/kernel/run-kernel.ts';

/** Bytes at an address that is a multiple of four, as the checksum wants them. */
const aligned = (text: string): Uint8Array => {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array((bytes.length + 3) & -4);
  padded.set(bytes);
  return padded.subarray(0, bytes.length);
};

test.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('the checksum of %j is that of XXH32', (text, sum) => {
  expect(checksum(aligned(text), text.length, 0) >>> 0).toBe(sum);
});

/** Remembers something of each kind. */
class Everything implements Remembering {
  int = 0;
  float = 0;
  isSet = false;
  text = '';
  memory = new Uint8Array(5);
  bytes = new Uint8Array(0);
  ints = new Int32Array(0);
  floats = new Float64Array(0);
  numbers: number[] = [];
  map = new Map<number, number>();
  lists = new Map<number, number[]>();
  items: { readonly name: string }[] = [];

  *state(io: StateIo): Steps {
    io.section('everything', 1);
    this.int = io.int(this.int);
    this.float = io.float(this.float);
    this.isSet = io.flag(this.isSet);
    this.text = io.text(this.text);
    yield* io.memory(this.memory);
    this.bytes = yield* io.bytes(this.bytes);
    this.ints = yield* io.ints(this.ints);
    this.floats = yield* io.floats(this.floats);
    this.numbers = yield* stateOfNumbers(io, this.numbers);
    yield* stateOfMap(io, this.map);
    yield* stateOfLists(io, this.lists);
    this.items = yield* stateOfItems(io, this.items, (item) => ({
      name: io.text(item?.name ?? ''),
    }));
  }
}

/** @param items - of the long lists */
function filled(items: number): Everything {
  const owner = new Everything();
  owner.int = -5;
  owner.float = -Infinity;
  owner.isSet = true;
  owner.text = 'a text, ä';
  owner.memory.set([1, 2, 3, 4, 5]);
  owner.bytes = Uint8Array.from({ length: items + 3 }, (_, i) => i * 7);
  owner.ints = Int32Array.from({ length: items }, (_, i) => i * -77_777);
  owner.floats = Float64Array.from({ length: items }, (_, i) => i / 3);
  owner.numbers = [3, 1, 2];
  owner.map = new Map([
    [4, 5],
    [-1, 0],
  ]);
  owner.lists = new Map([
    [1, [1, 2]],
    [2, []],
  ]);
  owner.items = [{ name: 'one' }, { name: 'two' }];
  return owner;
}

function write(owner: Remembering, identity = 'it'): Uint8Array {
  const chunks: Uint8Array[] = [];
  finish(writeSnapshot(owner, identity, (bytes) => void chunks.push(bytes.slice())));
  return new Uint8Array(Buffer.concat(chunks));
}

const read = <Owner extends Remembering>(
  bytes: Uint8Array,
  owner: Owner,
  identity = 'it',
): Owner => {
  finish(readSnapshot(owner, identity, chunksSource([bytes])));
  return owner;
};

/** The message that reading throws. */
function refusal(
  bytes: Uint8Array,
  owner: Remembering = new Everything(),
  identity = 'it',
): string {
  try {
    read(bytes, owner, identity);
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
    expect((error as MillraceError).code).toBe('ERR_STATE');
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

test.each([0, 100, 40_000, 400_000])('everything comes back, with lists of %i', (items) => {
  const owner = filled(items);
  expect(read(write(owner), new Everything())).toEqual(owner);
});

test('a source may give few bytes at a time', () => {
  const bytes = write(filled(1000));
  const few = Array.from({ length: Math.ceil(bytes.length / 13) }, (_, i) =>
    bytes.subarray(13 * i, 13 * i + 13),
  );
  const owner = new Everything();
  finish(readSnapshot(owner, 'it', chunksSource(few)));
  expect(owner).toEqual(filled(1000));
});

test('a piece is a bounded number of bytes', () => {
  for (const isReading of [false, true]) {
    const bytes = write(filled(300_000));
    let moved = 0;
    let most = 0;
    const source = chunksSource([bytes]);
    const steps = isReading
      ? readSnapshot(new Everything(), 'it', (target) => {
          const count = source(target);
          moved += count;
          return count;
        })
      : writeSnapshot(filled(300_000), 'it', (part) => void (moved += part.length));
    for (;;) {
      moved = 0;
      if (steps.next().done === true) break;
      most = Math.max(most, moved);
    }
    expect(most).toBeGreaterThan(100_000);
    expect(most).toBeLessThan(400_000);
  }
});

test('what is cut off is refused, wherever that is', () => {
  const bytes = write(filled(30_000));
  for (let length = 0; length < bytes.length; length += length < 600 ? 1 : 4999) {
    expect(refusal(bytes.subarray(0, length))).toMatch(/cut off|does not begin/);
  }
});

test('what is damaged is refused, wherever that is', () => {
  const bytes = write(filled(30_000));
  for (let at = 0; at < bytes.length; at += at < 600 ? 1 : 4999) {
    const damaged = bytes.slice();
    damaged[at]! ^= 1 << (at & 7);
    expect(refusal(damaged)).toMatch(/damaged|cut off|does not begin|there is more/);
  }
});

/** Where frames begin. */
function frames(bytes: Uint8Array): number[] {
  const words = new DataView(bytes.buffer, bytes.byteOffset);
  const starts: number[] = [];
  for (let at = 16; at < bytes.length; at += 8 + words.getInt32(at, true)) starts.push(at);
  return starts;
}

test('frames that are missing, doubled or swapped are noticed', () => {
  const bytes = write(filled(60_000));
  const starts = [...frames(bytes), bytes.length];
  expect(starts.length).toBeGreaterThan(6);
  const parts = starts.slice(1).map((end, i) => bytes.subarray(starts[i], end));
  const joined = (list: readonly Uint8Array[]): Uint8Array =>
    new Uint8Array(Buffer.concat([bytes.subarray(0, 16), ...list]));
  const [a, b, c, ...rest] = parts as [Uint8Array, Uint8Array, Uint8Array, ...Uint8Array[]];
  expect(refusal(joined([a, c, ...rest]))).toContain('frame 1 is damaged');
  expect(refusal(joined([a, b, b, c, ...rest]))).toContain('frame 2 is damaged');
  expect(refusal(joined([a, c, b, ...rest]))).toContain('frame 1 is damaged');
});

test('another owner, another form and a later version are told apart', () => {
  const bytes = write(filled(10));
  expect(refusal(bytes, new Everything(), 'that')).toContain('it is what it remembered, and that');
  expect(refusal(bytes, {})).toContain('it remembers nothing any more');
  expect(refusal(write({}))).toContain('it remembers what was not written');
  const section = (name: string, version: number, more = false): Remembering => ({
    state(io): undefined {
      io.section(name, version);
      if (more) io.int(0);
    },
  });
  const one = write(section('part', 2));
  expect(refusal(one, section('part', 1))).toContain('version 2, and this code reads up to 1');
  expect(refusal(one, section('other', 2))).toContain(
    "'other' is expected where 'part' is written",
  );
  expect(refusal(one, section('part', 2, true))).toContain("'end' is expected");
  const other = one.slice();
  const view = new DataView(other.buffer);
  view.setInt32(4, 2, true);
  view.setInt32(12, checksum(other, 12, 0), true);
  expect(refusal(other)).toContain('version 2 of the format');
});

test('an old version of a part is named to who reads it', () => {
  const chunks: Uint8Array[] = [];
  const writer = new StateWriter((bytes) => void chunks.push(bytes.slice()));
  writer.section('part', 1);
  writer.end();
  expect(new StateReader(chunksSource(chunks)).section('part', 3)).toBe(1);
});
