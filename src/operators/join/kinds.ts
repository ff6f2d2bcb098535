/** What the kinds of joins ask of the two sides. @module */

import type { JoinKind } from '../../core/topology/model.ts';
import type { Side } from './config.ts';
import { LEFT, RIGHT } from './config.ts';

const UNMATCHED: Readonly<Record<JoinKind, readonly Side[]>> = {
  inner: [],
  left: [LEFT],
  right: [RIGHT],
  full: [LEFT, RIGHT],
  semi: [],
  anti: [LEFT],
};

/** Whether rows of a side without a match are rows of the result. */
export function givesUnmatched(kind: JoinKind, side: Side): boolean {
  return UNMATCHED[kind].includes(side);
}

/** Whether it is asked which rows of a side have found a match. */
export function tracksMatches(kind: JoinKind, side: Side): boolean {
  return givesUnmatched(kind, side) || (kind === 'semi' && side === LEFT);
}

/** Whether the rows of the result are rows of the left side alone. */
export function isLeftOnly(kind: JoinKind): boolean {
  return kind === 'semi' || kind === 'anti';
}
