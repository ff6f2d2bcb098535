/**
 * Values of generated columns.
 *
 * A number that its column cannot hold becomes the nearest one that it can.
 *
 * @module
 */

import { Column } from '../../core/column.ts';
import { invariant } from '../../core/invariant.ts';
import type { Field } from '../../core/schema.ts';
import type { Distribution, JsonValue } from '../../core/topology/model.ts';
import type { DataType } from '../../core/types.ts';
import { isInteger } from '../../core/types.ts';
import { writeValue } from '../../rows/value-write.ts';
import { ByteWriter } from '../../rows/values/byte-writer.ts';
import { parseCell } from '../../rows/values/cell-parse.ts';
import { Fault } from '../../rows/values/fault.ts';
import { writeFloat, writeInteger } from '../../rows/values/number-format.ts';
import type { NumberDraw, NumericDistribution } from './numbers.ts';
import { numberDraw, roundHalfEven } from './numbers.ts';
import { RandomStream } from './random.ts';

/**
 * Writes the value that row `index` of the stream has into a row of a column.
 *
 * @returns false when the heap has no room for it
 */
export type CellMaker = (column: Column, row: number, index: number) => boolean;

/** Gives out the streams of random numbers of one column. */
export class ColumnRandom {
  readonly #seed: number;
  readonly #name: string;
  #streams = 0;

  constructor(seed: number, name: string) {
    this.#seed = seed;
    this.#name = name;
  }

  /** A stream that nothing else draws from. */
  next(): RandomStream {
    return new RandomStream(this.#seed, this.#name, this.#streams++);
  }
}

/** How the values of a column are made. */
export function makeCells(field: Field, distribution: Distribution, seed: number): CellMaker {
  return cellMaker(field.type, distribution, new ColumnRandom(seed, field.name));
}

function cellMaker(type: DataType, distribution: Distribution, random: ColumnRandom): CellMaker {
  switch (distribution.kind) {
    case 'bool': {
      const { probability } = distribution;
      const stream = random.next();
      return (column, row, index) => {
        stream.begin(index);
        column.setBool(row, stream.unit() < probability);
        return true;
      };
    }
    case 'null': {
      const { probability, of } = distribution;
      const stream = random.next();
      const make = cellMaker(type, of, random);
      return (column, row, index) => {
        stream.begin(index);
        if (stream.unit() >= probability) return make(column, row, index);
        column.setNull(row);
        return true;
      };
    }
    case 'constant':
      return choiceMaker(type, [distribution.value], [1], random);
    case 'choice':
      return choiceMaker(type, distribution.values, distribution.weights, random);
    case 'template':
      return templateMaker(distribution.parts, distribution.of, random);
    case 'time': {
      const { startUs, stepUs, jitterUs } = distribution;
      const stream = random.next();
      return (column, row, index) => {
        stream.begin(index);
        const backUs = jitterUs === 0 ? 0 : Math.floor(stream.unit() * (jitterUs + 1));
        column.setI64FromNumber(row, startUs + index * stepUs - backUs);
        return true;
      };
    }
    default:
      return numberMaker(type, distribution, random.next());
  }
}

function numberMaker(
  type: DataType,
  distribution: NumericDistribution,
  stream: RandomStream,
): CellMaker {
  const draw = numberDraw(distribution, stream, isInteger(type));
  switch (type.kind) {
    case 'float64':
      return (column, row, index) => {
        column.f64[row] = draw(index);
        return true;
      };
    case 'int32':
      return (column, row, index) => {
        const value = roundHalfEven(draw(index));
        column.words[row] = Math.min(Math.max(value, -2147483648), 2147483647);
        return true;
      };
    case 'decimal':
      return scaledMaker(draw, 10 ** type.scale, 10n ** BigInt(type.precision) - 1n);
    default:
      return scaledMaker(draw, 1, 2n ** 63n - 1n);
  }
}

/** Numbers × `unit`, rounded, into int64 rows, within ±`limit`. */
function scaledMaker(draw: NumberDraw, unit: number, limit: bigint): CellMaker {
  const safeLimit = Math.min(Number.MAX_SAFE_INTEGER, Number(limit));
  return (column, row, index) => {
    const value = roundHalfEven(draw(index) * unit);
    if (value <= safeLimit && value >= -safeLimit) {
      column.setI64FromNumber(row, value);
      return true;
    }
    const exact = Number.isFinite(value) ? BigInt(value) : value < 0 ? -limit : limit;
    column.i64[row] = exact > limit ? limit : exact < -limit ? -limit : exact;
    return true;
  };
}

/** One of `values`, written once and copied for each row. */
function choiceMaker(
  type: DataType,
  values: readonly JsonValue[],
  weights: readonly number[],
  random: ColumnRandom,
): CellMaker {
  const source = Column.allocate(type, values.length);
  values.forEach((value, i) => writeLiteral(source, i, value));
  if (values.length === 1) return (column, row) => copyCell(column, row, source, 0);
  const pick = weightedPick(weights, random.next());
  return (column, row, index) => copyCell(column, row, source, pick(index));
}

/** Draws positions in proportion to weights. */
function weightedPick(weights: readonly number[], stream: RandomStream): NumberDraw {
  const ends = new Float64Array(weights.length);
  let total = 0;
  weights.forEach((weight, i) => (ends[i] = total += weight));
  return (index) => {
    stream.begin(index);
    const at = stream.unit() * total;
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ends[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Writes a literal of a topology; that it is one of the type was checked with the topology. */
function writeLiteral(column: Column, row: number, value: JsonValue): void {
  const { kind } = column.type;
  const isTyped = typeof value !== 'string' || kind === 'string' || kind === 'json';
  let fault;
  if (isTyped) {
    fault = writeValue(column, row, value);
  } else {
    const bytes = new TextEncoder().encode(value);
    fault = parseCell(column, row, bytes, 0, bytes.length);
  }
  invariant(fault === Fault.OK, `${JSON.stringify(value)} is no literal of ${kind}`);
}

function copyCell(target: Column, row: number, source: Column, from: number): boolean {
  if (source.isNull(from)) {
    target.setNull(row);
    return true;
  }
  switch (source.storage) {
    case 'bits':
      target.setBool(row, source.getBool(from));
      return true;
    case 'i32':
      target.words[row] = source.words[from]!;
      return true;
    case 'f64':
      target.f64[row] = source.f64[from]!;
      return true;
    case 'i64':
      target.words[2 * row] = source.words[2 * from]!;
      target.words[2 * row + 1] = source.words[2 * from + 1]!;
      return true;
    case 'view': {
      const start = source.viewStart(from);
      return target.setView(row, source.viewSource(from), start, source.viewLength(from));
    }
  }
}

/** Writes the text of one part of a template. */
type PartWriter = (out: ByteWriter, index: number) => void;

function templateMaker(
  parts: readonly string[],
  of: readonly Distribution[],
  random: ColumnRandom,
): CellMaker {
  const texts = parts.map((part) => new TextEncoder().encode(part));
  const writers = of.map((distribution) => partWriter(distribution, random));
  const out = new ByteWriter(256);
  return (column, row, index) => {
    out.clear();
    for (let i = 0; i < texts.length; i++) {
      out.copy(texts[i]!, 0, texts[i]!.length);
      if (i < writers.length) writers[i]!(out, index);
    }
    return column.setView(row, out.bytes, 0, out.length);
  };
}

function partWriter(distribution: Distribution, random: ColumnRandom): PartWriter {
  switch (distribution.kind) {
    case 'sequence':
    case 'uniform':
    case 'zipf': {
      const draw = numberDraw(distribution, random.next(), true);
      return (out, index) => writeInteger(out, roundHalfEven(draw(index)));
    }
    case 'normal':
    case 'exponential': {
      const draw = numberDraw(distribution, random.next(), false);
      return (out, index) => writeFloat(out, draw(index));
    }
    case 'bool': {
      const stream = random.next();
      return (out, index) => {
        stream.begin(index);
        out.ascii(stream.unit() < distribution.probability ? 'true' : 'false');
      };
    }
    case 'constant':
      return textWriter([distribution.value], [1], random);
    case 'choice':
      return textWriter(distribution.values, distribution.weights, random);
    default:
      invariant(false, `a template cannot draw from '${distribution.kind}'`);
  }
}

function textWriter(
  values: readonly JsonValue[],
  weights: readonly number[],
  random: ColumnRandom,
): PartWriter {
  const texts = values.map((value) => new TextEncoder().encode(String(value)));
  const pick = weightedPick(weights, random.next());
  return (out, index) => {
    const text = texts[pick(index)]!;
    out.copy(text, 0, text.length);
  };
}
