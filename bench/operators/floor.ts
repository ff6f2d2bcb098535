/**
 * The floor of an operator: the least that the same takes, written by hand over columns. State lies in
 * arrays whose size is known, results are put into columns, and it knows its rows.
 *
 * @module
 */

import type { Row } from './feed.ts';

/** A batch of an input. Event times are floats, which is the least that they cost. */
export interface FloorRows {
  readonly count: number;
  readonly id: Int32Array;
  readonly pair: Int32Array;
  readonly k: Int32Array;
  readonly u: Int32Array;
  readonly v: Int32Array;
  readonly x: Float64Array;
  readonly at: Float64Array;
}

/** How a column of results is kept: as words, floats, floats whose NaN is null, or numbers of texts. */
type Kept = 'i32' | 'f64' | 'nullable' | readonly string[];

type FloorColumns<Shape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends 'f64' | 'nullable'
    ? Float64Array
    : Int32Array;
};

/** What goes over columns. */
export interface FloorOperator {
  batch(rows: FloorRows, port: number): void;
  /** All rows up to an event time have come; `Infinity` at the end. */
  watermark?(timeUs: number): void;
}

/** How the floor of a case is made. */
export interface Floor {
  readonly shape: Readonly<Record<string, Kept>>;
  /** @param first - the rows of the first pass, by port */
  make(results: FloorResults, first: readonly (readonly Row[])[]): FloorOperator;
}

/** The floor of a case; `make` gets the columns of results and the place of the next one. */
export function floorOf<const Shape extends Readonly<Record<string, Kept>>>(
  shape: Shape,
  make: (
    columns: FloorColumns<Shape>,
    results: FloorResults,
    first: readonly (readonly Row[])[],
  ) => FloorOperator,
): Floor {
  return {
    shape,
    make: (results, first) => make(results.columns as FloorColumns<Shape>, results, first),
  };
}

const CAPACITY = 1024;

/** Columns that results go into, begun anew when they are full. */
export class FloorResults {
  readonly columns: Readonly<Record<string, Int32Array | Float64Array>>;
  readonly #shape: Floor['shape'];
  readonly #take: ((row: object) => void) | undefined;
  #count = 0;

  /** @param take - gets each result */
  constructor(shape: Floor['shape'], take?: (row: object) => void) {
    this.#shape = shape;
    this.#take = take;
    this.columns = Object.fromEntries(
      Object.entries(shape).map(([name, kept]) => [
        name,
        kept === 'f64' || kept === 'nullable'
          ? new Float64Array(CAPACITY)
          : new Int32Array(CAPACITY),
      ]),
    );
  }

  /** The place of the next result. */
  next(): number {
    if (this.#count === CAPACITY) this.flush();
    return this.#count++;
  }

  /** Hands on what there is. */
  flush(): void {
    if (this.#take !== undefined) for (let i = 0; i < this.#count; i++) this.#take(this.#rowAt(i));
    this.#count = 0;
  }

  #rowAt(i: number): object {
    return Object.fromEntries(
      Object.entries(this.#shape).map(([name, kept]) => {
        const value = this.columns[name]![i]!;
        if (kept === 'nullable' && Number.isNaN(value)) return [name, null];
        return [name, Array.isArray(kept) ? (kept as readonly string[])[value] : value];
      }),
    );
  }
}
