/** float64: IEEE 754 arithmetic, and rounding half away from zero. @module */

/** The float64 nearest to each power of ten; `**` misses some. */
const POWERS = Array.from({ length: 309 }, (_, exponent) => Number(`1e${exponent}`));

/** `x` to the nearest integer, halves away from zero; exact for every float64. */
export function roundHalfAway(x: number): number {
  const whole = Math.trunc(x);
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
}

/**
 * `x` rounded (or cut) to `digits` places behind the point, or before it when negative.
 *
 * It is round(x · 10^digits) / 10^digits in float64 arithmetic; `x` itself where the scaling
 * overflows or is meaningless.
 */
export function roundToDigits(x: number, digits: number, towardsZero: boolean): number {
  if (!Number.isFinite(x)) return x;
  const factor = POWERS[Math.abs(digits)] ?? Infinity;
  if (factor === Infinity) return digits > 0 ? x : 0;
  const scaled = digits >= 0 ? x * factor : x / factor;
  if (!Number.isFinite(scaled)) return x;
  const rounded = towardsZero ? Math.trunc(scaled) : roundHalfAway(scaled);
  return digits >= 0 ? rounded / factor : rounded * factor;
}

/** The shortest text that reads back as the same float64. */
export function formatFloat(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}

/** A float64 as written: decimal, `NaN`, `Infinity`, `-inf` (any case); `undefined` if none. */
export function parseFloat64(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return Number(text);
  const match = /^([+-]?)(?:inf|infinity|(nan))$/i.exec(text);
  if (match === null) return undefined;
  if (match[2] !== undefined) return NaN;
  return match[1] === '-' ? -Infinity : Infinity;
}

/** Whether two float64 are the same for `IS DISTINCT FROM`: NaN is NaN, and 0 is -0. */
export function sameFloat(a: number, b: number): boolean {
  return a === b || (a !== a && b !== b);
}
