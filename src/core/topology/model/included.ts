/** What a topology keeps of the parts it includes, whose operators it has as its own. @module */

import type { Schema } from '../../schema.ts';
import type { StreamRef } from './parts.ts';

/** Where operators of parts come from, and what the parts want of their inputs. */
export interface IncludedParts {
  readonly places: readonly PartPlace[];
  readonly inputs: readonly PartInput[];
}

/** A place of the document that stands for a place of a part. */
export interface PartPlace {
  /** The pointer of an operator that came of a part: `/operators/ctr~1valid`. */
  readonly at: string;
  /** The pointer of the include in the document that was written: `/operators/ctr`. */
  readonly include: string;
  /** Which file, and for parts in parts how one comes there: `in ./ctr.json`; empty: none. */
  readonly file: string;
  /** The pointer in that file: `/operators/valid`; empty: the whole of it. */
  readonly inside: string;
}

/** A stream that is handed to a part. */
export interface PartInput extends StreamRef {
  /** Where the include names it. */
  readonly pointer: string;
  /** What the names of the part's operators begin with: `ctr/`. */
  readonly prefix: string;
  /** Columns that it must have; it may have others. */
  readonly schema: Schema;
  /** Whether it must have event time; `undefined`: either will do. */
  readonly hasTime: boolean | undefined;
}
