/** Writes the body of one function, statement by statement. @module */

import type { Code, I32, Statement, Value, ValueType } from './code.ts';
import { append, flat, sizeOf, TYPE_CODES, unsigned, vector } from './code.ts';
import { i32 } from './scalar.ts';

/** A variable of a function; reading it is an expression. */
export interface Local<T extends ValueType = ValueType> extends Value<T> {
  readonly index: number;
}

/** A place to branch to: the end of a block, or the start of a loop. */
export interface Label {
  readonly depth: number;
}

const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const NO_RESULT = 0x40;

/** Parameters and result of a function. */
export interface Signature<R extends ValueType | undefined = ValueType | undefined> {
  readonly params: readonly ValueType[];
  readonly result: R;
}

/**
 * The body of a function. Statements are appended in order; those given in a callback go into the
 * block that is being written.
 *
 * ```ts
 * const sum = f.local('f64');
 * const at = f.local('i32');
 * f.countUp(at, i32.const(0), n, 1, () => f.set(sum, f64.add(sum, f64.load(address(at)))));
 * f.return(sum);
 * ```
 */
export class FunctionBuilder {
  readonly signature: Signature;
  readonly #locals: ValueType[] = [];
  /** All code so far: the parts between the places of {@link later}. */
  readonly #parts: number[][] = [];
  /** The last of them. */
  #code: number[] = [];
  #depth = 0;

  constructor(signature: Signature) {
    this.signature = signature;
    this.#parts.push(this.#code);
  }

  /** The parameter at a position. */
  param<T extends ValueType>(index: number, type: T): Local<T> {
    if (this.signature.params[index] !== type) {
      throw new TypeError(`parameter ${index} is ${this.signature.params[index]}, not ${type}`);
    }
    return variable(index, type);
  }

  /** A new variable, zero. */
  local<T extends ValueType>(type: T): Local<T> {
    const index = this.signature.params.length + this.#locals.push(type) - 1;
    return variable(index, type);
  }

  /** A new variable with a value. */
  let<T extends ValueType>(value: Value<T>): Local<T> {
    const local = this.local(value.type);
    this.set(local, value);
    return local;
  }

  set<T extends ValueType>(local: Local<T>, value: Value<T>): void {
    this.#append(value.code, 0x21, unsigned(local.index));
  }

  /** Adds a constant to an i32 variable. */
  increase(local: Local<'i32'>, by: number): void {
    this.set(local, i32.add(local, i32.const(by)));
  }

  /** Appends statements. */
  do(...statements: readonly Statement[]): void {
    for (const { effect } of statements) append(effect, this.#code);
  }

  /** Keeps this place for statements that will be known later; the result puts one behind those there. */
  later(): (statement: Statement) => void {
    const kept: number[] = [];
    this.#code = [];
    this.#parts.push(kept, this.#code);
    return ({ effect }) => append(effect, kept);
  }

  /** What stands in `body` ends at the label. */
  block(body: (end: Label) => void): void {
    this.#nest([BLOCK, NO_RESULT], body);
  }

  /** Branching to the label starts `body` again; reaching its end leaves the loop. */
  loop(body: (again: Label) => void): void {
    this.#nest([LOOP, NO_RESULT], body);
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    this.#nest([condition.code, IF, NO_RESULT], () => {
      then();
      if (otherwise === undefined) return;
      this.#code.push(ELSE);
      otherwise();
    });
  }

  /** Repeats `body` as long as the condition holds; it is looked at before each turn. */
  while(condition: I32, body: () => void): void {
    this.if(condition, () => {
      this.loop((again) => {
        body();
        this.branchIf(again, condition);
      });
    });
  }

  /** `for (local = from; local < end; local += step)`, signed. `end` is computed in each turn. */
  countUp(local: Local<'i32'>, from: I32, end: I32, step: number, body: () => void): void {
    this.set(local, from);
    this.while(i32.ltS(local, end), () => {
      body();
      this.increase(local, step);
    });
  }

  /** Runs `cases[index]`; an index beyond them runs `otherwise`. */
  switch(
    index: I32,
    cases: readonly (() => void)[],
    otherwise: () => void = () => undefined,
  ): void {
    this.block((end) => {
      const open = (level: number): void => {
        if (level < 0) {
          const targets = cases.map((_, position) => unsigned(position));
          this.#append(index.code, 0x0e, vector(targets), unsigned(cases.length));
          return;
        }
        this.block(() => open(level - 1));
        (cases[level] ?? otherwise)();
        this.branch(end);
      };
      open(cases.length);
    });
  }

  branch(label: Label): void {
    this.#append(0x0c, unsigned(this.#depth - label.depth));
  }

  branchIf(label: Label, condition: I32): void {
    this.#append(condition.code, 0x0d, unsigned(this.#depth - label.depth));
  }

  return(value?: Value): void {
    this.#append(value?.code ?? [], 0x0f);
  }

  /** Says that this place is never reached; a trap if it is. */
  unreachable(): void {
    this.#code.push(0x00);
  }

  /** The body as a module holds it: its size, its variables, its code. The function is then finished. */
  build(): readonly (readonly number[])[] {
    // A function with a result that always returns explicitly has nothing on the stack at its end.
    if (this.signature.result !== undefined) this.unreachable();
    this.#code.push(END);
    const locals = flat(vector(runs(this.#locals)));
    return [flat(unsigned(locals.length + sizeOf(this.#parts))), locals, ...this.#parts];
  }

  #nest(start: Code, body: (label: Label) => void): void {
    append(start, this.#code);
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.#code.push(END);
  }

  #append(...code: Code): void {
    append(code, this.#code);
  }
}

function variable<T extends ValueType>(index: number, type: T): Local<T> {
  return { index, type, code: [0x20, unsigned(index)] };
}

/** `local = value`, and the value. */
export function tee<T extends ValueType>(local: Local<T>, value: Value<T>): Value<T> {
  return { type: local.type, code: [value.code, 0x22, unsigned(local.index)] };
}

/** An expression that is one of two, with a branch: only one is computed. */
export function choose<T extends ValueType>(
  condition: I32,
  then: Value<T>,
  otherwise: Value<T>,
): Value<T> {
  return {
    type: then.type,
    code: [condition.code, IF, TYPE_CODES[then.type], then.code, ELSE, otherwise.code, END],
  };
}

/** Locals are written as runs of one type. */
function runs(locals: readonly ValueType[]): Code[] {
  const result: Code[] = [];
  for (let from = 0; from < locals.length;) {
    let to = from + 1;
    while (locals[to] === locals[from]) to++;
    result.push([unsigned(to - from), TYPE_CODES[locals[from]!]]);
    from = to;
  }
  return result;
}
