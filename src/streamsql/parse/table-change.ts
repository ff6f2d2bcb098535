/** `INSERT`, `REPLACE`, `UPDATE`, `DELETE` and `TRUNCATE`. @module */

import type { TokenStream } from '../../expr/index.ts';
import type { Assignment, SelectItem, StreamExpr, TableChange } from '../ast.ts';
import { mistake } from '../problems.ts';
import { readExpression, readName, readNameList } from './reading.ts';
import { readItems, type ReadSource, readSelect } from './select.ts';

const TABLE = 'a table';

/** `INSERT INTO t (a, b) SELECT … [ON DUPLICATE KEY UPDATE a = …] [RETURNING …]`. */
export function readInsert(tokens: TokenStream, source: ReadSource): TableChange {
  const start = tokens.expectWord('INSERT').span;
  tokens.expectWord('INTO', 'behind INSERT');
  const table = readName(tokens, TABLE);
  const columns = readNameList(tokens, 'a column');
  const stream = readValues(tokens, source);
  const isUpsert = tokens.acceptWords('ON', 'DUPLICATE', 'KEY', 'UPDATE');
  const set = isUpsert ? readAssignments(tokens) : [];
  const returning = readReturning(tokens);
  const action = isUpsert ? 'upsert' : 'insert';
  const span = tokens.spanFrom(start);
  return { kind: 'change', action, span, table, columns, stream, set, where: undefined, returning };
}

/** `REPLACE INTO t (a, b) SELECT … [RETURNING …]`. */
export function readReplace(tokens: TokenStream, source: ReadSource): TableChange {
  const start = tokens.expectWord('REPLACE').span;
  tokens.expectWord('INTO', 'behind REPLACE');
  const table = readName(tokens, TABLE);
  const columns = readNameList(tokens, 'a column');
  const stream = readValues(tokens, source);
  const returning = readReturning(tokens);
  const rest = { set: [], where: undefined, returning, span: tokens.spanFrom(start) };
  return { kind: 'change', action: 'replace', table, columns, stream, ...rest };
}

/** `UPDATE t USING s SET a = …, b = … WHERE … [RETURNING …]`. */
export function readUpdate(tokens: TokenStream, source: ReadSource): TableChange {
  const start = tokens.expectWord('UPDATE').span;
  const table = readName(tokens, TABLE);
  const stream = readUsing(tokens, source);
  tokens.expectWord('SET', 'behind the stream of UPDATE');
  const set = readAssignments(tokens);
  tokens.expectWord('WHERE', 'of UPDATE');
  const where = readExpression(tokens);
  const returning = readReturning(tokens);
  const span = tokens.spanFrom(start);
  return {
    kind: 'change',
    action: 'update',
    span,
    table,
    columns: [],
    stream,
    set,
    where,
    returning,
  };
}

/** `DELETE FROM t USING s WHERE … [RETURNING …]`. */
export function readDelete(tokens: TokenStream, source: ReadSource): TableChange {
  const start = tokens.expectWord('DELETE').span;
  tokens.expectWord('FROM', 'behind DELETE');
  const table = readName(tokens, TABLE);
  const stream = readUsing(tokens, source);
  tokens.expectWord('WHERE', 'of DELETE; TRUNCATE deletes all rows');
  const where = readExpression(tokens);
  const rest = { columns: [], set: [], where, returning: readReturning(tokens) };
  return { kind: 'change', action: 'delete', span: tokens.spanFrom(start), table, stream, ...rest };
}

/** `TRUNCATE t USING s [RETURNING …]`. */
export function readTruncate(tokens: TokenStream, source: ReadSource): TableChange {
  const start = tokens.expectWord('TRUNCATE').span;
  const table = readName(tokens, TABLE);
  const stream = readUsing(tokens, source);
  const rest = { columns: [], set: [], where: undefined, returning: readReturning(tokens) };
  const span = tokens.spanFrom(start);
  return { kind: 'change', action: 'truncate', span, table, stream, ...rest };
}

/** The stream of values: a `SELECT`, in brackets or not, or a name. */
function readValues(tokens: TokenStream, source: ReadSource): StreamExpr {
  if (tokens.atWords('VALUES')) {
    const message = 'a table is changed by the rows of a stream; expected SELECT, found VALUES';
    throw mistake(tokens.peek().span, message);
  }
  return tokens.atWords('SELECT') ? readSelect(tokens, source) : source(tokens);
}

function readUsing(tokens: TokenStream, source: ReadSource): StreamExpr {
  tokens.expectWord('USING', 'behind the table');
  return source(tokens);
}

function readAssignments(tokens: TokenStream): readonly Assignment[] {
  const assignments: Assignment[] = [];
  do {
    const column = readName(tokens, 'a column');
    if (assignments.some((known) => known.column.text === column.text)) {
      throw mistake(column.span, `'${column.text}' is set twice`);
    }
    tokens.expectSymbol('=', `behind '${column.text}'`);
    assignments.push({ column, expr: readExpression(tokens) });
  } while (tokens.acceptSymbol(','));
  return assignments;
}

function readReturning(tokens: TokenStream): readonly SelectItem[] | undefined {
  return tokens.acceptWords('RETURNING') ? readItems(tokens) : undefined;
}
