/** Linear programs of the size of a network of operators, by the simplex method. @module */

/** Maximise `objective · x` where `rows · x <= bounds` and `0 <= x <= upper`. */
export interface LinearProgram {
  readonly objective: readonly number[];
  readonly rows: readonly (readonly number[])[];
  /** Not negative. */
  readonly bounds: readonly number[];
  /** The largest each variable may be; left out: 1. */
  readonly upper?: readonly number[];
}

/** The best there is. */
export interface LinearOptimum {
  readonly value: number;
  readonly x: readonly number[];
  /** What one more of each bound is worth. */
  readonly prices: readonly number[];
}

const EPSILON = 1e-9;

/**
 * Solves a linear program of which `x = 0` is one solution.
 *
 * Dense tableau with Bland's rule, so it ends; for some hundred variables and constraints.
 */
export function solveLinearProgram(program: LinearProgram): LinearOptimum {
  const { objective, rows, bounds } = program;
  const variables = objective.length;
  const upper = program.upper ?? objective.map(() => 1);
  const constraints = [
    ...rows.map((row, i) => ({ row, bound: bounds[i]! })),
    ...upper.map((bound, i) => ({ row: objective.map((_, j) => (i === j ? 1 : 0)), bound })),
  ];
  const width = variables + constraints.length + 1;
  const table = constraints.map(({ row, bound }, i) => {
    const line = new Float64Array(width);
    line.set(row);
    line[variables + i] = 1;
    line[width - 1] = bound;
    return line;
  });
  const goal = new Float64Array(width);
  objective.forEach((value, j) => (goal[j] = -value));
  const basis = constraints.map((_, i) => variables + i);
  while (pivot(table, goal, basis));
  const x = Array.from({ length: variables }, () => 0);
  basis.forEach((variable, i) => {
    if (variable < variables) x[variable] = table[i]![width - 1]!;
  });
  const prices = Array.from(rows, (_, i) => goal[variables + i]!);
  return { value: goal[width - 1]!, x, prices };
}

/** One step towards the optimum; false when there. */
function pivot(table: Float64Array[], goal: Float64Array, basis: number[]): boolean {
  const last = goal.length - 1;
  const entering = goal.findIndex((value, j) => j < last && value < -EPSILON);
  if (entering < 0) return false;
  let leaving = -1;
  let least = Infinity;
  table.forEach((line, i) => {
    if (line[entering]! <= EPSILON) return;
    const ratio = line[last]! / line[entering]!;
    const isLess = ratio < least - EPSILON;
    const isTie = !isLess && ratio <= least + EPSILON;
    if (isLess || (isTie && basis[i]! < basis[leaving]!)) {
      least = Math.min(least, ratio);
      leaving = i;
    }
  });
  // Every variable has an upper bound, so some line limits it.
  const line = table[leaving]!;
  const factor = line[entering]!;
  for (let j = 0; j <= last; j++) line[j]! /= factor;
  for (const other of [...table, goal]) {
    const by = other[entering]!;
    if (other === line || by === 0) continue;
    for (let j = 0; j <= last; j++) other[j]! -= by * line[j]!;
  }
  basis[leaving] = entering;
  return true;
}
