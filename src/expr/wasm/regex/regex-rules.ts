/** `REGEXP_LIKE`, and which regular expressions become code. @module */

import { call, i32 } from '../../../wasm/index.ts';
import type { TypedExpr } from '../../typed.ts';
import type { StrictRule } from '../rules/rule.ts';
import { openText, viewAt } from '../strings/view-code.ts';
import type { Regex } from './parse-regex.ts';
import { parseRegex } from './parse-regex.ts';
import { searchRegex } from './regex-code.ts';
import { codePieces } from './regex-facts.ts';

/** Most pieces of code for one regular expression. */
const MOST_PIECES = 200;
const LONGEST_PATTERN = 256;

/** The regular expression of a constant pattern, if it becomes code. */
export function regexOf(pattern: TypedExpr | undefined): Regex | undefined {
  if (pattern?.op !== 'literal' || typeof pattern.value !== 'string') return undefined;
  if (pattern.value.length > LONGEST_PATTERN) return undefined;
  const regex = parseRegex(pattern.value);
  return regex === undefined || codePieces(regex) > MOST_PIECES ? undefined : regex;
}

/** How `REGEXP_LIKE` is tested; `undefined` when its pattern does not become code. */
export function regexRule([text, pattern]: readonly TypedExpr[]): StrictRule | undefined {
  const regex = regexOf(pattern);
  if (regex === undefined || text === undefined || text.op === 'literal') return undefined;
  return {
    rule: (m, _, { columns, rows }) => {
      const column = columns[0]!;
      const helper = m.helpers.helper(`regex ${JSON.stringify(pattern)}`, 2, (f, [view, heap]) => {
        const { at, length } = openText(f, view!, heap!);
        const end = f.let(i32.add(at, length));
        f.return(searchRegex(f, regex, at, end, 0).isFound);
      });
      const value = m.eachRow('bits', rows, (row) =>
        call(helper, viewAt(column, row), column.heap),
      );
      return { value };
    },
    operands: [text],
  };
}
