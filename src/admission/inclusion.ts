/** How likely a row was to be kept. @module */

/**
 * The probability that a row of a bin is kept.
 *
 * @param position - that of the threshold of its lane
 * @param floor - the fraction that is kept of rows below the threshold
 * @hot
 */
export function inclusionOf(bin: number, position: number, floor: number): number {
  const share = Math.min(1, Math.max(0, bin + 1 - position));
  return share + (1 - share) * floor;
}
