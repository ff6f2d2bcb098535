/** What the parts of the parser share. @module */

import type { Expr } from '../ast.ts';
import type { TokenStream } from './token-stream.ts';

/** The parser as its parts see it; `parser.ts` is the whole. */
export interface ParseContext {
  readonly tokens: TokenStream;
  /** Reads a whole expression; stops at the first token that cannot continue it. */
  expression(): Expr;
  /** Reads an expression that ends before `AND`, `IN` and comparisons: a bound of `BETWEEN`. */
  term(): Expr;
  /** Words (upper case) that are never a bare column: the keywords of a surrounding statement. */
  readonly reserved: ReadonlySet<string>;
}
