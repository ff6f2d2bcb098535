/** Whether a string is in a list of constants. @module */

import type { Value } from '../../value.ts';
import { Mask } from '../operations.ts';
import type { Rule } from '../rules/rule.ts';
import { bytesOfValue } from './constant.ts';
import { equalsConstant } from './equality.ts';

/** Longest list that is compared one by one. */
const LONGEST_LIST = 8;

/** The rule of `IN` a list of strings. */
export function memberOfTexts(items: readonly Value[]): Rule | undefined {
  const constants = items.map(bytesOfValue);
  if (items.length > LONGEST_LIST || constants.includes(undefined)) return undefined;
  return (m, _, texts) => {
    const tests = constants.map((bytes) => equalsConstant(m, texts, bytes!));
    return { value: tests.reduce((a, b) => m.apply(Mask.or, a, b), m.constant('bits', 0)) };
  };
}
