/** Functions that put values into texts. @module */

import { STRING } from '../../core/types.ts';
import { badArgument } from '../row-error.ts';
import { checkFormat, formatNumber, formatValues, parseFormat } from '../scalar/printf.ts';
import type { FunctionSpec } from './function-spec.ts';
import { remembering } from './function-spec.ts';

const parsedFormat = remembering(parseFormat);
const MOST_DIGITS = 60;

/** The functions of this file. */
export const TEXT_FORMAT_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['FORMAT', 'PRINTF'],
    usage: "FORMAT('%s %,.2f', x, …)",
    summary:
      'A text with places for values: %s (as CAST to string), %d, %f, %e, %x, %o, %b, and %% for itself; between % and the letter flags (- 0 + , and blank), a width, and behind a point the digits, or of %s the most characters.',
    parameters: ['string', 'any'],
    required: 1,
    isVariadic: true,
    checkConstant: (position, text) => void (position === 0 && parsedFormat(text)),
    result: ([format, ...values]) => {
      if (format?.op === 'literal' && typeof format.value === 'string') {
        checkFormat(
          parsedFormat(format.value),
          values.map(({ type }) => type),
        );
      }
      return STRING;
    },
    apply: ([format, ...values], { args }) => {
      const parts = parsedFormat(format as string);
      const types = args.slice(1).map(({ type }) => type);
      checkFormat(parts, types);
      return formatValues(parts, values, types);
    },
  },
  {
    names: ['FORMAT_NUMBER'],
    usage: 'FORMAT_NUMBER(x, digits)',
    summary: 'A number with commas between thousands and so many digits behind the point.',
    parameters: ['number', 'integer'],
    required: 2,
    result: () => STRING,
    apply: ([x, digits], { args }) => {
      const count = Number(digits);
      if (!(count >= 0 && count <= MOST_DIGITS)) {
        throw badArgument(`FORMAT_NUMBER writes 0 to ${MOST_DIGITS} digits, not ${count}`);
      }
      return formatNumber(x!, args[0]!.type, count);
    },
  },
];
