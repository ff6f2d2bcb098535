/** Operators one behind the other, that together are a statement. @module */

import type { Span } from '../../expr/index.ts';
import type { DocumentBuilder, NodeDocument, NodePlaces } from './document-builder.ts';
import type { Column, StreamInfo } from './stream-info.ts';

/** How the operators of a statement are called, and where their errors go. */
export interface ChainNames {
  /** What names of operators begin with: `BASE/where`. */
  readonly base: string;
  /** The name of the last one, if it has one of its own. */
  readonly last: string | undefined;
  /** Takes the streams of rows in error; without it an error ends the run. */
  readonly errors: string[] | undefined;
}

/** Operators on whose rows expressions, or code of users, may fail. */
const FALLIBLE: ReadonlySet<unknown> = new Set([
  'filter',
  'map',
  'aggregate',
  'join',
  'query',
  'unnest',
  'union',
  'module',
  'gather',
  'pattern',
]);

interface Step {
  readonly role: string;
  readonly node: NodeDocument;
  readonly span: Span;
  readonly places: NodePlaces;
}

/** What a step makes of the stream before it. */
export interface StepResult {
  readonly columns: readonly Column[] | undefined;
  readonly hasTime?: boolean;
  readonly timeField?: string | undefined;
}

/** Gathers the operators of a statement; each reads the one before it. */
export class Chain {
  readonly #builder: DocumentBuilder;
  readonly #names: ChainNames;
  #info: StreamInfo | undefined;
  #pending: Step | undefined;
  #nested = 0;

  constructor(builder: DocumentBuilder, names: ChainNames) {
    this.#builder = builder;
    this.#names = names;
  }

  /** What the operators so far give. */
  get info(): Omit<StreamInfo, 'ref'> {
    return this.#info!;
  }

  /** The same with its name: so another operator has to follow. */
  named(): StreamInfo {
    this.#flush(undefined);
    return this.#info!;
  }

  /** Begins with a stream that is there. */
  start(info: StreamInfo): void {
    this.#info = info;
  }

  /**
   * Adds an operator that reads the stream so far; one with `inputs` reads these.
   *
   * @param role - its name, if it is not the last: `BASE/ROLE`
   */
  add(
    role: string,
    node: NodeDocument,
    result: StepResult,
    span: Span,
    places: NodePlaces = {},
  ): void {
    this.#flush(undefined);
    const { type, ...rest } = node;
    const input = 'inputs' in node ? {} : { input: this.#info!.ref };
    this.#pending = { role, node: { type, ...input, ...rest }, span, places };
    const { hasTime = this.#info?.hasTime ?? false } = result;
    const { columns, timeField } = result;
    this.#info = { ref: '', columns, hasTime, timeField };
  }

  /** Ends the chain: the last operator gets its name. */
  end(): StreamInfo {
    this.#flush(this.#names.last);
    return this.#info!;
  }

  /** Names for a chain that this one reads. */
  nested(): ChainNames {
    const { base, errors } = this.#names;
    return { base: `${base}/from${++this.#nested}`, last: undefined, errors };
  }

  #flush(name: string | undefined): void {
    if (this.#pending === undefined) return;
    const { role, node, span, places } = this.#pending;
    const { base, errors } = this.#names;
    const called = name ?? this.#builder.freeName(`${base}/${role}`);
    const fails = errors !== undefined && FALLIBLE.has(node['type']);
    if (fails) errors.push(`${called}.errors`);
    const policy = fails ? { onError: 'deadLetter' } : {};
    this.#builder.add('operators', called, { ...node, ...policy }, span, places);
    this.#info = { ...this.#info!, ref: called };
    this.#pending = undefined;
  }
}
