/**
 * Units in an order: which groups of which windows are shed first.
 *
 * A row carries the number of its group, which depends on nothing but the group's key:
 *
 * ```
 *   bits 42…47   stratum: a hash of class and tenant, whose thresholds may differ
 *   bits 32…41   bin of the value of the group's rows
 *   bits  0…31   hash of the key
 * ```
 *
 * The *rank* of a unit, in units of 2^-20 bins as thresholds of rows are (`thresholds.ts`), is its bin and a
 * hash of key and window that spreads groups of one value over some bins, so that what waits can be told apart: others
 * go in each window. Windows that overlap have rows in common, so that to keep one of them alone saves little:
 * there the hash changes only from one run of windows to the next.
 *
 * @module
 */

import { hash32 } from './dither.ts';
import { NEVER_DROPPED } from './value-bins.ts';

/** Strata of units: classes of tenants, as far as hashes tell them apart. */
export const UNIT_STRATA = 64;
/** The bin of groups that are kept whatever they are worth. */
export const FLOOR_BIN = NEVER_DROPPED - 1;
/** Groups of one value are spread over two to the power of so many bins, half an octave: their order among others is right but for that. */
const VALUE_SPREAD_BITS = 3;
/** The same where all groups have one value: two octaves. */
const EVEN_SPREAD_BITS = 5;
/** So many times as many windows as a row is in make a run. */
const RUN_LENGTH = 8;
const WORD = 2 ** 32;
const BIN_BITS = 10;
const BIN_MASK = 2 ** BIN_BITS - 1;
const DITHER_BITS = 20;
const RUN_SEED = 0x68e31da4;
const FLOOR_SEED = 0x3c6ef372;

/** The number of a group. @hot */
export function unitOf(stratum: number, bin: number, keyHash: number): number {
  return ((stratum << BIN_BITS) | bin) * WORD + (keyHash >>> 0);
}

/** @hot */
export function stratumOfUnit(unit: number): number {
  return Math.floor(unit / WORD) >>> BIN_BITS;
}

/** @hot */
export function binOfUnit(unit: number): number {
  return Math.floor(unit / WORD) & BIN_MASK;
}

/** Whether a group is among a share of all that is kept whatever it is worth. @hot */
export function isInFloor(keyHash: number, share: number): boolean {
  return hash32(keyHash ^ FLOOR_SEED) < share * WORD;
}

/** The bin that a rank lies in. @hot */
export function binOfRank(rank: number): number {
  return rank >>> DITHER_BITS;
}

/** The order in which units of windows go. */
export class UnitOrder {
  readonly #windowsOfRun: number;
  /** Bits of a hash that are not looked at. */
  readonly #shift: number;
  /** The window that was asked about last, and a hash of its run. */
  #window = NaN;
  #salt = 0;

  /**
   * @param windowsPerRow - most windows that a row is in
   * @param isEven - all groups have one value
   */
  constructor(windowsPerRow: number, isEven: boolean) {
    this.#windowsOfRun = windowsPerRow === 1 ? 1 : RUN_LENGTH * windowsPerRow;
    this.#shift = 32 - DITHER_BITS - (isEven ? EVEN_SPREAD_BITS : VALUE_SPREAD_BITS);
  }

  /** The rank of a unit. @hot */
  rank(unit: number, window: number): number {
    if (window !== this.#window) {
      this.#window = window;
      this.#salt = hash32(RUN_SEED + Math.floor(window / this.#windowsOfRun));
    }
    const high = Math.floor(unit / WORD);
    const bin = high & BIN_MASK;
    if (bin >= FLOOR_BIN) return bin << DITHER_BITS;
    const dither = hash32((unit - high * WORD) ^ this.#salt) >>> this.#shift;
    return Math.min((bin << DITHER_BITS) + dither, (FLOOR_BIN << DITHER_BITS) - 1);
  }
}
