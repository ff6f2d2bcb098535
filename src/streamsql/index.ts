/**
 * StreamSQL: StreamBase's language as another way to write a topology.
 *
 * ```
 * text ── parse/ ──▶ statements ── translate/ ──▶ a topology document, as JSON has it
 * ```
 *
 * Scalar expressions are those of `expr`, read by its parser and written by its formatter. Nothing here
 * looks at files or runs anything: what the document means is said where topologies are checked.
 *
 * @module
 */

import type { TopologyDocument } from '../core/topology/index.ts';
import type { Span } from '../core/span.ts';
import { programTokens } from './parse/program-tokens.ts';
import { readProgram } from './parse/program.ts';
import { Problems } from './problems.ts';
import { Translator } from './translate/translator.ts';

export { originsInText, type TellInText } from './origins.ts';

/** How a program is read. */
export interface StreamSqlOptions {
  /** What messages call the program; `program.ssql` by default. */
  readonly file?: string;
  /** The topology's name; that of the file by default. */
  readonly name?: string;
  /** Values of parameters, instead of those that `CREATE PARAMETERS` gives. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A document, and where its parts stand in the program. */
export interface TranslatedProgram {
  readonly document: TopologyDocument;
  /** JSON pointer → place. */
  readonly places: ReadonlyMap<string, Span>;
}

/**
 * The topology that a program in StreamSQL describes.
 *
 * @throws MillraceError `ERR_TOPOLOGY_INVALID`, whose issues are all mistakes of the program as
 * `FILE:LINE:COLUMN: message`. Whether the document is a right topology is not looked at
 */
export function parseStreamSql(text: string, options: StreamSqlOptions = {}): TopologyDocument {
  return translateStreamSql(text, options).document;
}

/** As {@link parseStreamSql}, with the places of the document's parts. */
export function translateStreamSql(
  text: string,
  options: StreamSqlOptions = {},
): TranslatedProgram {
  const { file = 'program.ssql', parameters = {} } = options;
  const problems = new Problems(file);
  const tokens = problems.attempt(() => programTokens(text, parameters)) ?? [];
  problems.throwIfAny();
  const statements = readProgram(tokens, problems);
  const translator = new Translator(statements, problems);
  translator.run();
  problems.throwIfAny();
  const document = translator.builder.document(options.name ?? nameOf(file));
  return { document: document as unknown as TopologyDocument, places: translator.builder.places };
}

/** The name of a file without its folder and its ending. */
function nameOf(file: string): string {
  return /([^/\\]*?)(?:\.ssql)?$/i.exec(file)?.[1] || 'program';
}
