/**
 * Calls that are short for `CASE` and `COALESCE`, or for an operator: not all of their arguments are
 * evaluated, so that they have no entry among the functions. `infer/conditional.ts` types them.
 *
 * @module
 */

/** How a call is written, and what it means. */
export interface ShortFormSpec {
  readonly names: readonly [string, ...string[]];
  readonly usage: string;
  readonly summary: string;
}

/** All of them; the manual lists them from here. */
export const SHORT_FORMS: readonly ShortFormSpec[] = [
  {
    names: ['COALESCE', 'IFNULL', 'NVL'],
    usage: 'COALESCE(x, …)',
    summary: 'The first argument that is not null.',
  },
  {
    names: ['NULLIF'],
    usage: 'NULLIF(a, b)',
    summary: 'Null when a equals b, else a.',
  },
  {
    names: ['IF', 'IIF'],
    usage: 'IF(condition, a[, b])',
    summary: 'a where the condition is true, else b; null when there is no b.',
  },
  {
    names: ['NVL2'],
    usage: 'NVL2(x, a, b)',
    summary: 'a where x is not null, else b.',
  },
  {
    names: ['DECODE'],
    usage: 'DECODE(x, value, result, …[, otherwise])',
    summary: 'The result behind the first value that x is not distinct from; null equals null.',
  },
  {
    names: ['CHOOSE'],
    usage: 'CHOOSE(n, x, …)',
    summary: 'Argument number n of those behind n, from 1; null when there is none.',
  },
  {
    names: ['MOD'],
    usage: 'MOD(a, b)',
    summary: 'The same as a % b.',
  },
];

/** All names, aliases included. */
export const SHORT_FORM_NAMES: readonly string[] = SHORT_FORMS.flatMap(({ names }) => names);
