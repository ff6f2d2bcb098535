/** Errors of single rows: what an expression can meet while it runs. @module */

/**
 * Why an expression failed on a row.
 *
 * - `overflow`: an integer, decimal, timestamp or duration result does not fit its type
 * - `divisionByZero`: an integer, decimal or duration was divided by zero
 * - `badCast`: a value has no counterpart in the type it is cast to
 * - `badArgument`: a function was called with a value outside its domain
 */
export type RowErrorCode = 'overflow' | 'divisionByZero' | 'badCast' | 'badArgument';

/** Raised by the interpreter, and by scalar functions that both evaluators share. */
export class RowError extends Error {
  override readonly name = 'RowError';
  readonly code: RowErrorCode;

  constructor(code: RowErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The error of a result outside its type; `what` is a type or an operation. */
export function overflow(what: string): RowError {
  return new RowError('overflow', `${what} overflow`);
}

/** The error of an integer or decimal division or remainder by zero. */
export function divisionByZero(): RowError {
  return new RowError('divisionByZero', 'division by zero');
}

const SHOWN_CHARACTERS = 60;

/** The error of a value that cannot be cast; `shown` is the value as messages show it. */
export function badCast(shown: string, target: string): RowError {
  return new RowError('badCast', `cannot cast ${shown} to ${target}`);
}

/** A text as messages show it: in quotes, and cut when it is long. */
export function shownText(text: string): string {
  const points = Array.from(text.slice(0, 2 * SHOWN_CHARACTERS));
  return points.length <= SHOWN_CHARACTERS
    ? `'${text}'`
    : `'${points.slice(0, SHOWN_CHARACTERS).join('')}…'`;
}

/** The error of an argument outside a function's domain. */
export function badArgument(message: string): RowError {
  return new RowError('badArgument', message);
}
