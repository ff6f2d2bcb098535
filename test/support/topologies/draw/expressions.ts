/** Random expressions over the columns of a stream. @module */

import type { Field, Schema } from '../../../../src/core/schema.ts';
import type { DataType } from '../../../../src/core/types.ts';
import type { Random } from '../../oracle/random.ts';
import { drawLiteral } from './values.ts';

/** Draws conditions and columns; what it draws may fail on some rows. */
export class Expressions {
  readonly #random: Random;
  readonly #schema: Schema;

  constructor(random: Random, schema: Schema) {
    this.#random = random;
    this.#schema = schema;
  }

  /** A condition. */
  condition(depth = 2): string {
    const random = this.#random;
    if (depth > 0 && random.chance(0.35)) {
      const word = random.pick(['AND', 'OR']);
      return `(${this.condition(depth - 1)}) ${word} (${this.condition(depth - 1)})`;
    }
    if (depth > 0 && random.chance(0.1)) return `NOT (${this.condition(depth - 1)})`;
    if (this.#schema.length === 0) return 'TRUE';
    const field = random.pick(this.#schema);
    const name = quoted(field.name);
    if (random.chance(0.12)) return `${name} IS ${random.pick(['', 'NOT '])}NULL`;
    if (field.type.kind === 'bool' && random.chance(0.5)) return name;
    if (field.type.kind === 'string' && random.chance(0.3)) {
      return `${name} ${random.pick(['LIKE', 'NOT LIKE'])} '${random.pick(['a%', '%b%', '%e_', '', '%'])}'`;
    }
    return this.#comparison(field, depth);
  }

  #comparison(field: Field, depth: number): string {
    const random = this.#random;
    const literal = (): string | undefined => drawLiteral(random, field.type);
    const low = literal();
    if (low === undefined) return `${quoted(field.name)} IS NOT NULL`;
    const left =
      depth > 0 && random.chance(0.3) ? this.value(field.type, depth - 1) : quoted(field.name);
    if (random.chance(0.15)) return `${left} BETWEEN ${low} AND ${literal()!}`;
    if (random.chance(0.15)) return `${left} IN (${low}, ${literal()!}, ${literal()!})`;
    const sign = random.pick(['=', '<>', '<', '<=', '>', '>=', 'IS DISTINCT FROM']);
    const right = random.chance(0.3) ? this.#columnOf(field.type) : low;
    return `${left} ${sign} ${right}`;
  }

  /** A column of a type, or a literal. */
  #columnOf(type: DataType): string {
    const fields = this.#schema.filter((field) => field.type.kind === type.kind);
    return fields.length === 0
      ? drawLiteral(this.#random, type)!
      : quoted(this.#random.pick(fields).name);
  }

  /** A value of the kind of a type. */
  value(type: DataType, depth = 2): string {
    const random = this.#random;
    const column = this.#columnOf(type);
    if (depth <= 0 || random.chance(0.3)) return column;
    const next = (): string => this.value(type, depth - 1);
    if (random.chance(0.2)) {
      return `CASE WHEN ${this.condition(depth - 1)} THEN ${next()} ELSE ${next()} END`;
    }
    if (random.chance(0.15)) return `COALESCE(${next()}, ${next()})`;
    switch (type.kind) {
      case 'int32':
      case 'int64':
        return random.chance(0.75)
          ? `(${next()} ${random.pick(['+', '-', '*'])} ${random.below(9)})`
          : `(${next()} ${random.pick(['/', '%', '+', '-'])} ${next()})`;
      case 'float64':
        return `(${next()} ${random.pick(['+', '-'])} ${random.below(9)})`;
      case 'decimal':
        return `ABS(${next()})`;
      case 'string':
        return random.pick([
          `UPPER(${next()})`,
          `SUBSTRING(${next()}, ${random.between(1, 9)}, ${random.between(0, 15)})`,
          `(${next()} || '-')`,
        ]);
      case 'timestamp':
        return `(${next()} + INTERVAL '${random.below(9)}' SECOND)`;
      case 'duration':
        return `(${next()} + INTERVAL '${random.below(9)}' SECOND)`;
      case 'bool':
        return `(${this.condition(depth - 1)})`;
      default:
        return column;
    }
  }
}

/** A name as expressions write it. */
export const quoted = (name: string): string => `"${name}"`;
