/** Sums of floats without rounding. @module */

/** The exact sum, as a multiple of 2^-1074. */
export function exactSum(values: readonly number[]): bigint {
  const view = new DataView(new ArrayBuffer(8));
  return values.reduce((sum, value) => {
    view.setFloat64(0, value);
    const bits = view.getBigUint64(0);
    const exponent = (bits >> 52n) & 0x7ffn;
    const fraction = bits & ((1n << 52n) - 1n);
    const magnitude = exponent === 0n ? fraction : ((1n << 52n) | fraction) << (exponent - 1n);
    return sum + (bits >> 63n === 1n ? -magnitude : magnitude);
  }, 0n);
}
