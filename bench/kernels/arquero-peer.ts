/** Arquero: tables of columns in JavaScript. @module */

import { type ColumnTable, table } from 'arquero';
import { type Answer, type KernelSubject, loopSubject } from './subject.ts';

/** A subject that makes a table of a table. */
export function arqueroSubject(
  columns: Readonly<Record<string, ArrayLike<unknown>>>,
  query: (table: ColumnTable) => ColumnTable,
  answer: (result: ColumnTable) => Answer,
): KernelSubject {
  const input = table(columns);
  const pass = (): void => {
    query(input);
  };
  return loopSubject('arquero', input.totalRows(), pass, () => answer(query(input)));
}
