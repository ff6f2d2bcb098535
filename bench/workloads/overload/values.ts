/** What rows are worth: laws to draw from, and how the scale moves with time. @module */

/** A generator of numbers between 0 and 1. */
export type Uniform = () => number;

/** Numbers that follow from a seed (mulberry32). */
export function uniformFrom(seed: number): Uniform {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A law that values follow. */
export type ValueLaw = 'uniform' | 'pareto' | 'lognormal' | 'bimodal' | 'constant';

/** All laws, in the order in which results are shown. */
export const VALUE_LAWS: readonly ValueLaw[] = ['uniform', 'pareto', 'lognormal', 'bimodal'];

/** Draws values: Pareto of exponent 1.1, lognormal of sigma 1.5, or 5 % worth a hundred times the rest. */
export function drawer(law: ValueLaw, random: Uniform): Uniform {
  switch (law) {
    case 'uniform':
      return () => 100 * random();
    case 'pareto':
      return () => (1 - random()) ** (-1 / 1.1);
    case 'lognormal':
      return () =>
        Math.exp(1.5 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
    case 'constant':
      return () => 1;
    case 'bimodal':
      return () => (random() < 0.05 ? 100 : 1) * (0.5 + random());
  }
}
