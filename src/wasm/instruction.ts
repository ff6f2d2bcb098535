/** How instructions are put together: one constructor for each shape. @module */

import type { Code, I32, Statement, Value, ValueType } from './code.ts';
import { unsigned } from './code.ts';

/** Beside the plain instructions there are three groups with a number of their own. */
export const Group = { MISC: 0xfc, SIMD: 0xfd, ATOMIC: 0xfe } as const;

/** A plain opcode, or `[group, number]`. */
export type Opcode = number | readonly [group: number, code: number];

/** The bytes of an opcode. */
export function opcodeBytes(opcode: Opcode): Code {
  return typeof opcode === 'number' ? [opcode] : [opcode[0], unsigned(opcode[1])];
}

/** Where in memory: an address plus a constant, in one of the module's memories. */
export interface Place {
  /** Bytes added to the address. */
  readonly offset?: number;
  /** Which memory, by its number in the module. */
  readonly memory?: number;
}

/** The immediate of a memory instruction. `log2` is that of the alignment it claims. */
export function memoryArgument(log2: number, { offset = 0, memory = 0 }: Place): Code {
  // Bit 6 says that a memory index follows.
  return memory === 0
    ? [log2, unsigned(offset)]
    : [log2 | 0x40, unsigned(memory), unsigned(offset)];
}

export function unary<A extends ValueType, R extends ValueType>(result: R, opcode: Opcode) {
  const bytes = opcodeBytes(opcode);
  return (operand: Value<A>): Value<R> => ({ type: result, code: [operand.code, bytes] });
}

export function binary<A extends ValueType, R extends ValueType, B extends ValueType = A>(
  result: R,
  opcode: Opcode,
) {
  const bytes = opcodeBytes(opcode);
  return (left: Value<A>, right: Value<B>): Value<R> => ({
    type: result,
    code: [left.code, right.code, bytes],
  });
}

export function ternary<A extends ValueType, R extends ValueType>(result: R, opcode: Opcode) {
  const bytes = opcodeBytes(opcode);
  return (a: Value<A>, b: Value<A>, c: Value<A>): Value<R> => ({
    type: result,
    code: [a.code, b.code, c.code, bytes],
  });
}

export function load<R extends ValueType>(result: R, opcode: Opcode, log2: number) {
  const bytes = opcodeBytes(opcode);
  return (address: I32, place: Place = {}): Value<R> => ({
    type: result,
    code: [address.code, bytes, memoryArgument(log2, place)],
  });
}

export function store<A extends ValueType>(opcode: Opcode, log2: number) {
  const bytes = opcodeBytes(opcode);
  return (address: I32, value: Value<A>, place: Place = {}): Statement => ({
    effect: [address.code, value.code, bytes, memoryArgument(log2, place)],
  });
}
