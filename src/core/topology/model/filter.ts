/** `filter` in its normal form. @module */

import type { Expression, NamedExpression, OperatorCommon } from './parts.ts';

/** Keeps rows, or sends each to one of several outputs. */
export interface FilterOperator extends OperatorCommon {
  readonly type: 'filter';
  readonly mode: FilterMode;
}

/** The two kinds of filter. */
export type FilterMode =
  /** Rows for which `where` is true go to the main output. */
  | { readonly kind: 'where'; readonly where: Expression }
  /**
   * A row goes to the output of the first route that is true for it, else to `rest`; with no
   * `rest` it is dropped and counted. There is no main output.
   */
  | {
      readonly kind: 'routes';
      /** Name of the output and its condition; in document order. May be empty if `rest` is there. */
      readonly routes: readonly NamedExpression[];
      /** Output for the rows that no route takes. */
      readonly rest: string | undefined;
    };
