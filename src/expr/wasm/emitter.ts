/**
 * Walks a typed tree and writes its code for the rows at hand: nulls, three-valued logic, and which rows
 * are evaluated at all. There are no branches: what a row skips is computed and not looked at.
 *
 * @module
 */

import { invariant } from '../../core/invariant.ts';
import { storageOf } from '../../core/types.ts';
import type { TypedCase, TypedDistinct, TypedExpr, TypedIn, TypedLiteral } from '../typed.ts';
import { strictRule } from './coverage.ts';
import type { ColumnPlace, Lane, LaneStorage, Machine } from './lanes.ts';
import { Mask } from './operations.ts';
import { differ, memberRule } from './rules/compare.ts';
import type { Rule } from './rules/rule.ts';
import { isLaneStorage } from './rules/rule.ts';
import { equality } from './strings/equality.ts';

/** The values of an expression, and which of them are not null; all of them if that is left out. */
export interface Cell {
  /** A null bool is false here. */
  readonly value: Lane;
  readonly valid?: Lane | undefined;
}

/** A column of strings or bytes, and which of its rows are not null; all of them if that is left out. */
export interface TextCell {
  readonly column: ColumnPlace;
  readonly valid?: Lane | undefined;
}

/** What the code needs from outside. */
export interface Surroundings {
  readonly m: Machine;
  /** A column of the batch, or one that was computed beforehand; `undefined` when it is computed here. */
  input(expr: TypedExpr): Cell | undefined;
  /** The same for strings and bytes, which are never computed here. */
  text(expr: TypedExpr): TextCell;
  /** Takes note of rows that may have failed, see `Outcome.fails`. */
  fail(rows: Lane): void;
}

/** Writes code. Rows that are not `active` are not evaluated: their failures don't count. */
export class Emitter {
  readonly #m: Machine;
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#m = around.m;
    this.#around = around;
  }

  /** @param active - the rows evaluated; all of them if left out */
  emit(expr: TypedExpr, active?: Lane): Cell {
    const input = this.#around.input(expr);
    if (input !== undefined) return input;
    switch (expr.op) {
      case 'literal':
        return this.#literal(expr);
      case 'and':
        return this.#and(expr.operands, active);
      case 'or':
        return this.#or(expr.operands, active);
      case 'not': {
        const { value, valid } = this.emit(expr.operand, active);
        return { value: this.#butNot(valid, value), valid };
      }
      case 'is':
        return this.#is(this.#present(expr.operand, active), expr.value, expr.negated);
      case 'in':
        return this.#in(expr, active);
      case 'distinct':
        return this.#distinct(expr, active);
      case 'case':
        return this.#case(expr, active);
      case 'coalesce':
        return this.#coalesce(expr.operands, active);
      default: {
        const strict = strictRule(expr);
        invariant(strict !== undefined, `no rule for ${expr.op}`);
        return this.#strict(strict.rule, strict.operands, active);
      }
    }
  }

  #literal({ type, value }: TypedLiteral): Cell {
    const storage = laneStorage(type);
    if (value === null) return this.#null(storage);
    const plain = typeof value === 'boolean' ? Number(value) : (value as number | bigint);
    return { value: this.#m.constant(storage, plain) };
  }

  #null(storage: LaneStorage): Cell {
    return { value: this.#m.constant(storage, 0), valid: this.#m.constant('bits', 0) };
  }

  #strict(rule: Rule, operands: readonly TypedExpr[], active: Lane | undefined): Cell {
    const lanes: Lane[] = [];
    const columns: ColumnPlace[] = [];
    let valid: Lane | undefined;
    for (const operand of operands) {
      if (isLaneStorage(storageOf(operand.type))) {
        const cell = this.emit(operand, active);
        lanes.push(cell.value);
        valid = this.#both(valid, cell.valid);
      } else {
        const cell = this.#around.text(operand);
        columns.push(cell.column);
        valid = this.#both(valid, cell.valid);
      }
    }
    const rows = this.#both(valid, active);
    const { value, fails, isNull } = rule(this.#m, lanes, { columns, rows });
    if (fails !== undefined) this.#fail(fails, rows);
    if (isNull !== undefined) valid = this.#butNot(valid, isNull);
    return this.#cell(value, valid);
  }

  /** A cell of which only matters where it is null, if it is a string. */
  #present(expr: TypedExpr, active: Lane | undefined): Cell {
    if (isLaneStorage(storageOf(expr.type))) return this.emit(expr, active);
    const isKnown = expr.op === 'literal';
    const isNull = isKnown && expr.value === null;
    const value = this.#m.constant('bits', 0);
    if (isKnown) return isNull ? this.#null('bits') : { value };
    return { value, valid: this.#around.text(expr).valid };
  }

  #in(expr: TypedIn, active: Lane | undefined): Cell {
    const rule = memberRule(expr);
    invariant(rule !== undefined, 'the list is covered');
    const { value, valid } = this.#strict(rule, [expr.operand], active);
    // What is not found beside a null in the list is unknown.
    return { value, valid: expr.hasNull ? value : valid };
  }

  /** A bool that is null is false. */
  #cell(value: Lane, valid: Lane | undefined): Cell {
    if (valid === undefined || value.storage !== 'bits') return { value, valid };
    return { value: this.#m.apply(Mask.and, value, valid), valid };
  }

  /** A row goes on to the next operand unless it is false. */
  #and(operands: readonly TypedExpr[], active: Lane | undefined): Cell {
    let result = this.emit(operands[0]!, active);
    let open = active;
    for (const operand of operands.slice(1)) {
      // Of all operands so far none is false: true, or null.
      open = this.#both(active, this.#trueOrNull(result));
      result = this.#conjunction(result, this.emit(operand, open));
    }
    return result;
  }

  #conjunction(a: Cell, b: Cell): Cell {
    const value = this.#m.apply(Mask.and, a.value, b.value);
    if (a.valid === undefined && b.valid === undefined) return { value };
    // Null where both may be true and one is null.
    const open = this.#m.apply(Mask.and, this.#trueOrNull(a), this.#trueOrNull(b));
    return { value, valid: this.#m.apply(Mask.not, this.#m.apply(Mask.andNot, open, value)) };
  }

  /** A row goes on to the next operand unless it is true. */
  #or(operands: readonly TypedExpr[], active: Lane | undefined): Cell {
    let result = this.emit(operands[0]!, active);
    for (const operand of operands.slice(1)) {
      const open = this.#butNot(active, result.value);
      result = this.#disjunction(result, this.emit(operand, open));
    }
    return result;
  }

  #disjunction(a: Cell, b: Cell): Cell {
    const value = this.#m.apply(Mask.or, a.value, b.value);
    const valid = this.#both(a.valid, b.valid);
    return { value, valid: valid && this.#m.apply(Mask.or, valid, value) };
  }

  #is({ value, valid }: Cell, wanted: boolean | null, negated: boolean): Cell {
    const m = this.#m;
    let holds: Lane;
    if (wanted === null) holds = this.#isNull(valid);
    else holds = wanted ? value : this.#butNot(valid, value);
    return { value: negated ? m.apply(Mask.not, holds) : holds };
  }

  #isNull(valid: Lane | undefined): Lane {
    return valid === undefined ? this.#m.constant('bits', 0) : this.#m.apply(Mask.not, valid);
  }

  #distinct({ left, right, negated }: TypedDistinct, active: Lane | undefined): Cell {
    const m = this.#m;
    const a = this.#present(left, active);
    const b = this.#present(right, active);
    let distinct: Lane;
    if (isLaneStorage(storageOf(left.type))) {
      distinct = differ(m, a.value, b.value);
    } else {
      const same = equality(left, right);
      invariant(same !== undefined, 'the comparison is covered');
      distinct = m.apply(Mask.not, this.#strict(same.rule, same.operands, active).value);
    }
    const both = this.#both(a.valid, b.valid);
    if (both !== undefined) {
      distinct = m.apply(Mask.and, distinct, both);
      const oneIsNull = m.apply(Mask.xor, this.#isNull(a.valid), this.#isNull(b.valid));
      distinct = m.apply(Mask.or, distinct, oneIsNull);
    }
    return { value: negated ? m.apply(Mask.not, distinct) : distinct };
  }

  #case({ branches, otherwise }: TypedCase, active: Lane | undefined): Cell {
    let open = active;
    const chosen = branches.map(({ when, then }) => {
      const condition = this.emit(when, open).value;
      const cell = this.emit(then, this.#both(open, condition));
      open = this.#butNot(open, condition);
      return { condition, cell };
    });
    let result = this.emit(otherwise, open);
    // From the last branch to the first, so that the first one that holds wins.
    for (const { condition, cell } of chosen.toReversed()) {
      result = this.#choose(condition, cell, result);
    }
    return result;
  }

  #coalesce(operands: readonly TypedExpr[], active: Lane | undefined): Cell {
    let open = active;
    const cells: Cell[] = [];
    for (const operand of operands) {
      const cell = this.emit(operand, open);
      cells.push(cell);
      if (cell.valid === undefined) break;
      open = this.#butNot(open, cell.valid);
    }
    return cells.reduceRight((rest, cell) => this.#choose(cell.valid!, cell, rest));
  }

  #choose(condition: Lane, a: Cell, b: Cell): Cell {
    const m = this.#m;
    const value = m.select(condition, a.value, b.value);
    if (a.valid === undefined && b.valid === undefined) return { value };
    const all = m.constant('bits', 1);
    return { value, valid: m.select(condition, a.valid ?? all, b.valid ?? all) };
  }

  #fail(fails: Lane, active: Lane | undefined): void {
    const m = this.#m;
    const { storage } = fails;
    if (active === undefined) this.#around.fail(fails);
    else if (storage === 'bits') this.#around.fail(m.apply(Mask.and, fails, active));
    else this.#around.fail(m.select(active, fails, m.constant(storage, 0)));
  }

  #trueOrNull({ value, valid }: Cell): Lane {
    if (valid === undefined) return value;
    return this.#m.apply(Mask.or, value, this.#m.apply(Mask.not, valid));
  }

  /** Masks where "left out" is every row. */
  #both(a: Lane | undefined, b: Lane | undefined): Lane | undefined {
    if (a === undefined) return b;
    return b === undefined ? a : this.#m.apply(Mask.and, a, b);
  }

  #butNot(a: Lane | undefined, b: Lane): Lane {
    return a === undefined ? this.#m.apply(Mask.not, b) : this.#m.apply(Mask.andNot, a, b);
  }
}

/** The storage of a type that kernels compute with. */
function laneStorage(type: TypedExpr['type']): LaneStorage {
  const storage = storageOf(type);
  invariant(isLaneStorage(storage), `no lanes for ${type.kind}`);
  return storage;
}
