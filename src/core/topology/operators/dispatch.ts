/** How rows are dealt out to instances, as documents write it. @module */

import * as z from 'zod';
import { expecting, listOf, object, option, text } from '../document/parts.ts';
import type { Dispatch } from '../model/parts.ts';
import type { NodeReport } from '../node-report.ts';

const columnName = (): z.ZodString => text('the name of a column');
const columnList = () => listOf('a list of columns such as ["user"]', columnName());

/** The property `by`. */
export const by = z
  .union(
    [
      columnList(),
      object('a dispatch such as {"dispatch": "roundRobin"}', {
        dispatch: option('dispatch', [
          'hash',
          'fnv1',
          'number',
          'roundRobin',
          'broadcast',
        ]).describe(
          '"hash" and "fnv1" (that of Yahoo! S4): equal rows to one instance. "number": the value of ' +
            'a column, modulo the number of instances. "roundRobin": in turns. "broadcast": to all.',
        ),
        columns: columnList().describe('For "hash", "fnv1" and "number": the columns.').optional(),
      }),
    ],
    expecting(
      'a list of columns such as ["user"], or a dispatch such as {"dispatch": "roundRobin"}',
    ),
  )
  .meta({ id: 'dispatch' })
  .describe(
    'Which of the instances that "parallel" says a row is for: each has state of its own. Columns ' +
      'whose values say it by a hash, or another dispatch.',
  )
  .optional();

type ByDocument = NonNullable<z.input<typeof by>>;

/** Columns for those that go by columns, and for no other. */
export function checkDispatch(
  { by: written, parallel }: { readonly by?: ByDocument | undefined; readonly parallel?: unknown },
  report: NodeReport,
): void {
  if (written === undefined || !report.isSound('by')) return;
  if (parallel === undefined) {
    report.add(
      [],
      "missing property 'parallel': 'by' says which of so many instances a row is for",
    );
  }
  if (Array.isArray(written)) return;
  const { dispatch, columns } = written;
  const needed = dispatch === 'number' ? 1 : dispatch === 'hash' || dispatch === 'fnv1' ? 2 : 0;
  if (needed === 0 && columns !== undefined) {
    report.add(['by', 'columns'], `'${dispatch}' looks at no columns`);
  } else if (needed > 0 && columns === undefined) {
    report.add(['by'], `missing property 'columns'; expected a list of columns such as ["user"]`);
  } else if (needed === 1 && columns!.length > 1) {
    report.add(['by', 'columns'], `expected one column, found ${columns!.length}`);
  }
}

/** The normal form. */
export function normalizeDispatch(written: ByDocument | undefined): Dispatch | undefined {
  if (written === undefined) return undefined;
  if (Array.isArray(written)) return { style: 'hash', columns: written };
  const { dispatch: style, columns = [] } = written;
  if (style === 'hash' || style === 'fnv1') return { style, columns };
  if (style === 'number') return { style, columns: [columns[0]!] };
  return { style, columns: [] };
}
