/** Numbers drawn for generated columns. @module */

import type { Distribution } from '../../core/topology/model.ts';
import type { RandomStream } from './random.ts';
import { Zipf } from './zipf.ts';

/** The distributions that make numbers. */
export type NumericDistribution = Extract<
  Distribution,
  { kind: 'sequence' | 'uniform' | 'normal' | 'exponential' | 'zipf' }
>;

/** The number of one row, not yet rounded to the column's type. */
export type NumberDraw = (row: number) => number;

/**
 * How numbers of a distribution are drawn.
 *
 * @param isWhole - the column holds whole numbers: `uniform` then includes both ends
 */
export function numberDraw(
  distribution: NumericDistribution,
  random: RandomStream,
  isWhole: boolean,
): NumberDraw {
  switch (distribution.kind) {
    case 'sequence': {
      const { start, step } = distribution;
      return (row) => start + row * step;
    }
    case 'uniform':
      return uniformDraw(distribution.low, distribution.high, random, isWhole);
    case 'normal': {
      const { mean, stddev } = distribution;
      return (row) => {
        random.begin(row);
        // Box and Muller's way; the logarithm's argument is never 0.
        const radius = Math.sqrt(-2 * Math.log(1 - random.unit()));
        return mean + stddev * radius * Math.cos(2 * Math.PI * random.unit());
      };
    }
    case 'exponential': {
      const { mean } = distribution;
      return (row) => {
        random.begin(row);
        return -mean * Math.log(1 - random.unit());
      };
    }
    case 'zipf': {
      const zipf = new Zipf(distribution.n, distribution.s);
      return (row) => {
        random.begin(row);
        return zipf.draw(random);
      };
    }
  }
}

function uniformDraw(
  low: number,
  high: number,
  random: RandomStream,
  isWhole: boolean,
): NumberDraw {
  if (!isWhole) {
    const span = high - low;
    return (row) => {
      random.begin(row);
      return low + random.unit() * span;
    };
  }
  const first = Math.ceil(low);
  const last = Math.max(first, Math.floor(high));
  const values = last - first + 1;
  return (row) => {
    random.begin(row);
    return Math.min(first + Math.floor(random.unit() * values), last);
  };
}

/** The nearest whole number, of two equally near ones the even one. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
