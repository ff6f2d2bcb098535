/** What the translations of statements share. @module */

import type { JsonValue } from '../../core/topology/model.ts';
import type { Name, StreamExpr } from '../ast.ts';
import type { ChainNames } from './chain.ts';
import type { Declarations } from './declarations.ts';
import type { DocumentBuilder } from './document-builder.ts';
import type { StreamInfo } from './stream-info.ts';

/** A variable as operators have it. */
export interface Variable {
  readonly type: string;
  readonly initial: JsonValue;
  /** The stream that changes it, and the column. */
  readonly control: StreamInfo | undefined;
  readonly column: string | undefined;
  readonly options: Readonly<Record<string, JsonValue>>;
}

/** The translator as its parts see it; `translator.ts` is the whole. */
export interface Context {
  readonly builder: DocumentBuilder;
  readonly declarations: Declarations;
  /** The stream of a name; what gives it is translated first. */
  stream(name: Name): StreamInfo;
  /** Translates what gives a stream into operators of these names. */
  translate(stream: StreamExpr, names: ChainNames): StreamInfo;
  /** A declared variable. */
  variable(name: string): Variable;
}
