/** How the code of a kernel reads its inputs: columns of the batch, and what was computed before. @module */

import { invariant } from '../../core/invariant.ts';
import type { Storage } from '../../core/types.ts';
import type { FunctionBuilder, I32 } from '../../wasm/index.ts';
import { i32 } from '../../wasm/index.ts';
import type { TypedExpr } from '../typed.ts';
import type { Cell, TextCell } from '../wasm/emitter.ts';
import type { ColumnPlace, Lane, Machine } from '../wasm/lanes.ts';
import { Mask } from '../wasm/operations.ts';
import { WORDS_PER_INPUT } from './placed-inputs.ts';
import { isLaneStorage } from '../wasm/rules/rule.ts';

/** What a kernel reads. */
export interface InputShape {
  /** Columns read. */
  readonly inputs: readonly TypedExpr[];
  /** Storage of each of them. */
  readonly storages: readonly Storage[];
  /** Whether inputs may have nulls. If so all have bitmaps. */
  readonly withNulls: boolean;
}

/** Variables that hold the addresses of an input. */
interface InputPlace extends ColumnPlace {
  readonly storage: Storage;
}

/** Reads the addresses of all inputs in front of a kernel's loops. */
export class InputReader {
  readonly #shape: InputShape;
  readonly #places: readonly InputPlace[];

  /** @param first - the word of the frame where the inputs begin */
  constructor(f: FunctionBuilder, frame: I32, first: number, shape: InputShape) {
    const word = (index: number) => f.let(i32.load(frame, { offset: 4 * index }));
    this.#shape = shape;
    this.#places = shape.storages.map((storage, i) => ({
      storage,
      values: word(first + WORDS_PER_INPUT * i),
      validity: word(first + WORDS_PER_INPUT * i + 1),
      heap: word(first + WORDS_PER_INPUT * i + 2),
    }));
  }

  /** The inputs for the rows at hand of a machine: each is loaded once. */
  rows(m: Machine): RowInputs {
    return new RowInputs(m, this.#shape, this.#places);
  }
}

/** The inputs of the rows at hand. */
export class RowInputs {
  readonly #m: Machine;
  readonly #shape: InputShape;
  readonly #places: readonly InputPlace[];
  readonly #cells = new Map<number, Cell>();
  readonly #bitmaps = new Map<number, Lane>();

  constructor(m: Machine, shape: InputShape, places: readonly InputPlace[]) {
    this.#m = m;
    this.#shape = shape;
    this.#places = places;
  }

  /** The values of an input; `undefined` if it is none. */
  cell(expr: TypedExpr): Cell | undefined {
    const position = this.#positionOf(expr);
    if (position < 0) return undefined;
    const known = this.#cells.get(position);
    if (known !== undefined) return known;
    const m = this.#m;
    const place = this.#places[position]!;
    invariant(isLaneStorage(place.storage), 'strings are asked for as texts');
    let value: Lane = m.load(place, place.storage);
    const valid = this.#validOf(position);
    if (valid !== undefined && place.storage === 'bits') value = m.apply(Mask.and, value, valid);
    const cell = { value, valid };
    this.#cells.set(position, cell);
    return cell;
  }

  /** An input of strings or bytes. */
  text(expr: TypedExpr): TextCell {
    const position = this.#positionOf(expr);
    invariant(position >= 0, 'a string is an input');
    return { column: this.#places[position]!, valid: this.#validOf(position) };
  }

  #positionOf(expr: TypedExpr): number {
    return this.#shape.inputs.findIndex((input) => isSameInput(input, expr));
  }

  #validOf(position: number): Lane | undefined {
    if (!this.#shape.withNulls) return undefined;
    let valid = this.#bitmaps.get(position);
    if (valid === undefined) {
      valid = this.#m.bits(this.#places[position]!.validity);
      this.#bitmaps.set(position, valid);
    }
    return valid;
  }
}

/** Columns are the same by their position, what was computed beforehand by identity. */
export function isSameInput(a: TypedExpr, b: TypedExpr): boolean {
  return a === b || (a.op === 'column' && b.op === 'column' && a.index === b.index);
}
