/**
 * The loops over the rows of a batch at a gate: those that every row offered goes through.
 *
 * @module
 */

import { type QueueContents, laneOfTag } from './queue-contents.ts';
import type { BatchTally } from './tally.ts';
import type { UnitGate } from './unit-gate.ts';
import { boundaryBin } from './thresholds.ts';
import {
  BINS,
  HIGH_WORD,
  NEVER_DROPPED,
  binOfHighWord,
  highPart,
  highPartOfBin,
} from './value-bins.ts';
import type { ValuedRows } from './valued-rows.ts';

/** Batches of so many rows are counted by value in part: every second, or every fourth row. */
const SECONDS_FROM = 256;
const FOURTHS_FROM = 1024;
/** Rows that are dropped are counted one for so many, in batches of so many times as many rows. */
const FEWER = 4;
/** Of a batch that stands for others no more rows are counted. */
const SAMPLE_ROWS = 256;

/**
 * Counts the rows of a batch and adds up their values, by lane.
 *
 * @hot
 */
export function addUp(
  batch: ValuedRows,
  rows: Uint32Array,
  count: number,
  tally: BatchTally,
): void {
  const { values, tags } = batch;
  if (tally.counts.length === 1) {
    const sum = sumOf(values, rows, count);
    // Not a number or infinite: some value is, so each is looked at.
    if (sum - sum === 0) tally.addMany(0, count, sum);
    else for (let i = 0; i < count; i++) tally.add(0, values[rows[i]!]!);
    return;
  }
  addUpLanes(batch, rows, count, tally);
  if (tally.isFinite()) return;
  tally.clear();
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    tally.add(laneOfTag(tags[row]!), values[row]!);
  }
}

/** Two sums for each lane, in turns, so that additions need not wait for each other. @hot */
function addUpLanes(
  { values, tags }: ValuedRows,
  rows: Uint32Array,
  count: number,
  tally: BatchTally,
): void {
  const { counts, values: sums, oddCounts, oddValues } = tally;
  let i = 0;
  for (; i + 1 < count; i += 2) {
    const even = rows[i]!;
    const odd = rows[i + 1]!;
    const evenLane = laneOfTag(tags[even]!);
    const oddLane = laneOfTag(tags[odd]!);
    counts[evenLane] = counts[evenLane]! + 1;
    sums[evenLane] = sums[evenLane]! + values[even]!;
    oddCounts[oddLane] = oddCounts[oddLane]! + 1;
    oddValues[oddLane] = oddValues[oddLane]! + values[odd]!;
  }
  if (i < count) {
    const lane = laneOfTag(tags[rows[i]!]!);
    counts[lane] = counts[lane]! + 1;
    sums[lane] = sums[lane]! + values[rows[i]!]!;
  }
  tally.foldOdd();
}

/** The sum of some values, in four parts, so that additions need not wait for each other. @hot */
function sumOf(values: Float64Array, rows: Uint32Array, count: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    a += values[rows[i]!]!;
    b += values[rows[i + 1]!]!;
    c += values[rows[i + 2]!]!;
    d += values[rows[i + 3]!]!;
  }
  for (; i < count; i++) a += values[rows[i]!]!;
  return a + b + (c + d);
}

/** Of so many rows one is counted, a power of two: few are enough while nothing is decided. @hot */
export function sampleStrideOf(count: number): number {
  let stride = 1;
  while (count > SAMPLE_ROWS * stride) stride *= 2;
  return stride;
}

/** Of so many rows of a batch one is counted for all. @hot */
export function strideOf(count: number): number {
  return count >= FOURTHS_FROM ? 4 : count >= SECONDS_FROM ? 2 : 1;
}

/**
 * Counts offered rows by lane and bin.
 *
 * @param stride - one of so many is counted, a power of two
 * @param weight - for so many
 * @param phase - which: any number
 * @hot
 */
export function countOffered(
  batch: ValuedRows,
  rows: Uint32Array,
  count: number,
  contents: QueueContents,
  stride: number,
  weight: number,
  phase: number,
): void {
  const { words, tags, kept } = batch;
  const offered = contents.offered;
  for (let i = phase & (stride - 1); i < count; i += stride) {
    const row = rows[i]!;
    const lane = laneOfTag(tags[row]!);
    const bin =
      kept !== undefined && kept[row] === 1
        ? NEVER_DROPPED
        : binOfHighWord(words[2 * row + HIGH_WORD]!);
    const cell = lane * BINS + bin;
    const before = offered[cell]!;
    offered[cell] = before + weight;
    if (before === 0) contents.widen(lane, bin);
  }
}

/**
 * Counts offered rows by lane and bin of their units.
 *
 * @param stride - one of so many is counted
 * @param weight - for so many
 * @hot
 */
export function countOfferedUnits(
  { tags, units }: ValuedRows,
  rows: Uint32Array,
  count: number,
  contents: QueueContents,
  stride: number,
  weight: number,
  gate: UnitGate,
): void {
  for (let i = 0; i < count; i += stride) {
    const row = rows[i]!;
    contents.offer(laneOfTag(tags[row]!), gate.binOf(units!, row), weight);
  }
}

/**
 * Counts offered rows while some of them are dropped: those that may reach their thresholds as always, of the others, of which
 * only the shape matters, one for several.
 *
 * @param places - of those that may, see {@link findCandidates}
 * @param phase - which of the others: any number
 * @hot
 */
export function countCandidates(
  batch: ValuedRows,
  rows: Uint32Array,
  count: number,
  leasts: Int32Array,
  places: Int32Array,
  found: number,
  contents: QueueContents,
  phase: number,
): void {
  const { words, tags, kept } = batch;
  const offered = contents.offered;
  const stride = strideOf(found);
  for (let c = phase & (stride - 1); c < found; c += stride) {
    const row = rows[places[c]!]!;
    const lane = laneOfTag(tags[row]!);
    const bin =
      kept !== undefined && kept[row] === 1
        ? NEVER_DROPPED
        : binOfHighWord(words[2 * row + HIGH_WORD]!);
    const cell = lane * BINS + bin;
    const before = offered[cell]!;
    offered[cell] = before + stride;
    if (before === 0) contents.widen(lane, bin);
  }
  const fewer = FEWER * strideOf(FEWER * count);
  for (let i = phase & (fewer - 1); i < count; i += fewer) {
    const row = rows[i]!;
    const lane = laneOfTag(tags[row]!);
    const high = words[2 * row + HIGH_WORD]!;
    if (highPart(high) >= leasts[lane]! || (kept !== undefined && kept[row] === 1)) continue;
    contents.offer(lane, binOfHighWord(high), fewer);
  }
}

/**
 * What {@link highPart} is at least for values that may reach the threshold of their lane.
 *
 * @param ranks - thresholds by lane
 * @param leasts - where it goes, by lane
 * @hot
 */
export function leastParts(ranks: Int32Array, leasts: Int32Array): void {
  for (let lane = 0; lane < ranks.length; lane++)
    leasts[lane] = highPartOfBin(boundaryBin(ranks[lane]!));
}

/**
 * Finds the rows that may reach the threshold of their lane: all above the bin that it lies in, all in
 * it, and those whose values are odd.
 *
 * @param leasts - see {@link leastParts}
 * @param places - where the places of these rows go
 * @returns how many
 * @hot
 */
export function findCandidates(
  batch: ValuedRows,
  rows: Uint32Array,
  count: number,
  leasts: Int32Array,
  places: Int32Array,
): number {
  const { words, tags, kept } = batch;
  let found = 0;
  if (leasts.length === 1 && kept === undefined) {
    const least = leasts[0]!;
    const first = rows[0]!;
    if (rows[count - 1] === first + count - 1)
      return findInRun(words, 2 * first + HIGH_WORD, count, least, places);
    for (let i = 0; i < count; i++) {
      places[found] = i;
      // One more if the value is no lower, without a branch.
      found += ((highPart(words[2 * rows[i]! + HIGH_WORD]!) - least) >>> 31) ^ 1;
    }
    return found;
  }
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const least = leasts[laneOfTag(tags[row]!)]!;
    const isLess = (highPart(words[2 * row + HIGH_WORD]!) - least) >>> 31;
    places[found] = i;
    found += kept === undefined ? isLess ^ 1 : (isLess ^ 1) | kept[row]!;
  }
  return found;
}

/** The same for rows one behind the other, from a word on. @hot */
function findInRun(
  words: Int32Array,
  from: number,
  count: number,
  least: number,
  places: Int32Array,
): number {
  let found = 0;
  let at = from;
  for (let i = 0; i < count; i++, at += 2) {
    places[found] = i;
    found += ((highPart(words[at]!) - least) >>> 31) ^ 1;
  }
  return found;
}
