/**
 * What can be wrong with one value, as a small number that hot code can return without allocating,
 * and the sentence it becomes in a message.
 *
 * @module
 */

import type { DataType } from '../../core/types.ts';
import { typeName } from '../../core/types.ts';

/** Outcome of writing one value into a column. `OK` is 0. */
export const Fault = {
  OK: 0,
  /** Not a text of the type at all. */
  SYNTAX: 1,
  /** A text of the type, but the value does not fit it. */
  RANGE: 2,
  /** More decimal places than the type keeps, and they are not zeros. */
  INEXACT: 3,
  /** Not UTF-8. */
  ENCODING: 4,
  /** A good value, but the heap has no room for it. Not the row's fault unless the heap is empty. */
  NO_ROOM: 5,
} as const;

/** One of {@link Fault}. */
export type FaultCode = (typeof Fault)[keyof typeof Fault];

/** How the text of a type looks, for messages. */
const EXPECTED: Readonly<Record<DataType['kind'], string>> = {
  bool: 'true or false',
  int32: 'a whole number',
  int64: 'a whole number',
  float64: 'a number',
  decimal: 'a decimal number',
  timestamp: 'ISO 8601 or epoch milliseconds',
  duration: 'an ISO 8601 duration',
  string: 'text',
  bytes: 'base64',
  json: 'JSON text',
};

/**
 * A sentence about a value that was refused: `expected int32 (a whole number), found "abc"`.
 *
 * @param shown - the value as it is to appear in the message, quotes included
 */
export function describeFault(fault: FaultCode, type: DataType, shown: string): string {
  const name = typeName(type);
  switch (fault) {
    case Fault.RANGE:
      return `${shown} is out of range for ${name}`;
    case Fault.INEXACT:
      return type.kind === 'decimal'
        ? `${shown} has more than ${type.scale} decimal places, too many for ${name}`
        : `expected ${name}, found ${shown}, which is not whole`;
    case Fault.ENCODING:
      return `expected ${name}, found bytes that are not UTF-8`;
    default:
      return `expected ${name} (${EXPECTED[type.kind]}), found ${shown}`;
  }
}

const SHOWN_CHARACTERS = 80;
const INPUT_BYTES = 1024;

/** A text in double quotes, cut to a length that suits a message. */
export function showText(text: string): string {
  const cut = text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
  return JSON.stringify(cut);
}

const lossy = new TextDecoder();

/** Bytes as text for a message; what is not UTF-8 shows as U+FFFD. At most 1 KiB. */
export function excerpt(bytes: Uint8Array, from: number, to: number): string {
  if (to - from <= INPUT_BYTES) return lossy.decode(bytes.slice(from, to));
  return `${lossy.decode(bytes.slice(from, from + INPUT_BYTES - 4))}…`;
}
