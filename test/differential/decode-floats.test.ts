/** Floats read by kernels are the nearest to their texts: those that JavaScript reads. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DecoderContext } from '../../src/connectors/codecs/codec.ts';
import { CsvRowParser } from '../../src/connectors/codecs/csv/decode.ts';
import { InputWindow } from '../../src/connectors/codecs/input-window.ts';
import { allocate, CSV, schemaOf } from '../conformance/codec-support.ts';
import { testMemory } from '../support/memory.ts';

const SCHEMA = schemaOf({ x: 'float64' });
const ROWS = 1024;

/** Reads texts by kernels alone: those that are not plain are left out. */
class FloatReader {
  readonly #memory = testMemory(1 << 20);
  readonly #window = new InputWindow(1 << 16, 1 << 20, this.#memory);
  readonly #batch = allocate(SCHEMA, ROWS, 64, this.#memory);
  readonly #parser: CsvRowParser;

  constructor() {
    const context: DecoderContext = {
      node: 'source',
      file: 'input.txt',
      schema: SCHEMA,
      memory: this.#memory,
      timeColumn: -1,
      canReject: () => true,
      reject: () => undefined,
    };
    this.#parser = new CsvRowParser({ ...CSV, header: false }, context);
    this.#parser.parseHeader(this.#window);
  }

  /** The bits of the numbers, -1 where the kernel left one to TypeScript. */
  read(texts: readonly string[]): bigint[] {
    const window = this.#window;
    const [column] = this.#batch.columns;
    window.from = window.to;
    const bytes = new TextEncoder().encode(texts.map((text) => `${text}\n`).join(''));
    window.makeRoom().set(bytes);
    window.filled(bytes.length);
    const bits: bigint[] = [];
    while (bits.length < texts.length) {
      const rows = this.#parser.parsePlain(window, this.#batch, 0);
      const words = new BigInt64Array(column!.f64.buffer, column!.f64.byteOffset, rows);
      bits.push(...words);
      if (bits.length === texts.length) break;
      bits.push(-1n);
      window.from = window.bytes.indexOf(0x0a, window.from) + 1;
    }
    return bits;
  }
}

const words = new BigInt64Array(1);
const floats = new Float64Array(words.buffer);

function bitsOf(value: number): bigint {
  floats[0] = value;
  return words[0]!;
}

function floatOf(bits: bigint): number {
  words[0] = bits;
  return floats[0]!;
}

/** Any float, and those of usual size. */
const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc
    .tuple(fc.bigInt({ min: 0n, max: (1n << 52n) - 1n }), fc.integer({ min: 823, max: 1223 }))
    .map(([mantissa, exponent]) => floatOf(mantissa | (BigInt(exponent) << 52n))),
  fc.double({ min: -1000, max: 1000, noNaN: true }),
);

const texts = fc.oneof(
  numbers.map(String),
  numbers.map((value) => value.toExponential()),
  fc.tuple(numbers, fc.integer({ min: 1, max: 19 })).map(([v, n]) => v.toPrecision(n)),
  fc.tuple(numbers, fc.integer({ min: 0, max: 20 })).map(([v, n]) => v.toFixed(n)),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 19n - 1n }), fc.integer({ min: -64, max: 63 }))
    .map(([digits, exponent]) => `${digits}e${exponent}`),
  // Whole numbers in the middle between two floats, and beside it.
  fc
    .tuple(
      fc.bigInt({ min: 1n << 53n, max: (1n << 54n) - 1n }),
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom(-1n, 0n, 0n, 1n),
    )
    .map(([odd, shift, beside]) => String(((odd | 1n) << BigInt(shift)) + beside)),
  // The same with decimal places.
  fc
    .tuple(fc.bigInt({ min: 1n << 53n, max: (1n << 54n) - 1n }), fc.integer({ min: 1, max: 4 }))
    .map(([odd, places]) => `${(odd | 1n) * 5n ** BigInt(places)}e-${places}`),
);

test('kernels read the nearest float', () => {
  const reader = new FloatReader();
  let read = 0;
  let all = 0;
  fc.assert(
    fc.property(fc.array(texts, { minLength: 100, maxLength: 300 }), (lines) => {
      reader.read(lines).forEach((bits, i) => {
        all++;
        if (bits === -1n) return;
        read++;
        if (bits !== bitsOf(Number(lines[i])))
          expect([lines[i], floatOf(bits)]).toBe('the nearest');
      });
    }),
    { numRuns: 60 },
  );
  expect(read / all).toBeGreaterThan(0.5);
});

test('all powers of ten that kernels know', () => {
  const reader = new FloatReader();
  for (let exponent = -64; exponent <= 63; exponent++) {
    const lines = ['1', '9007199254740993', '17976931348623157', '9999999999999999999', '4', '-7']
      .map((digits) => `${digits}e${exponent}`)
      .concat(`0.5E+${Math.abs(exponent) % 10}`);
    expect(reader.read(lines)).toEqual(lines.map((line) => bitsOf(Number(line))));
  }
  expect(reader.read(['1e64', '1e-65', '0.1e-64', '12e999', '12e1000'])).toEqual(
    Array(5).fill(-1n),
  );
});
