/** What a join of more than two streams can say. @module */

import type { NodeReport } from '../node-report.ts';

/** Properties that go with two streams only, and why. */
const FOR_TWO = {
  asOf: 'has no one left row whose time the others could be as of',
  buffer: 'does not know which of its rows came last',
  broadcast: 'has no side that could be the one with few rows',
  ttl: 'does not know how old a row is that was joined of several',
  by: 'is several operators, each with inputs of its own',
} as const;

/** The parts of a join that are looked at. */
type SeveralJoin = { readonly [Name in keyof typeof FOR_TWO]?: unknown } & {
  readonly inputs?: readonly string[] | undefined;
  readonly kind?: string | undefined;
  readonly window?: { readonly type: string } | undefined;
  readonly time?: string | undefined;
  readonly onError?: string | undefined;
};

/** Whether a join has more than two inputs, which it can then have: what goes with two only is reported. */
export function checkSeveral(join: SeveralJoin, report: NodeReport): boolean {
  const { inputs, kind, window, time, onError } = join;
  if (!report.isSound('inputs') || inputs === undefined || inputs.length <= 2) return false;
  const several = 'a join of more than two streams';
  if (kind !== undefined && kind !== 'inner' && kind !== 'left' && report.isSound('kind')) {
    const message = `${several} is "inner" or "left", found "${kind}"`;
    report.add(['kind'], `${message}; write joins of two, each with its kind`);
  }
  for (const [name, reason] of Object.entries(FOR_TWO)) {
    if (join[name as keyof typeof FOR_TWO] === undefined) continue;
    report.add([name], `${several} ${reason}: leave '${name}' out, or write joins of two`);
  }
  if (window?.type === 'hopping' && report.isSound('window')) {
    const message = `${several} would pair windows anew with each of them`;
    report.add(['window', 'type'], `${message}: expected "tumbling", found "hopping"`);
  }
  if (time === 'right') {
    report.add(['time'], `a row of ${several} has the time of the first: leave 'time' out`);
  }
  if (onError === 'deadLetter') {
    const message = `${several} has no one port for rows in error`;
    report.add(['onError'], `${message}: expected "stop" or "skip"`);
  }
  return true;
}
