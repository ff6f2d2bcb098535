/** Errors that point at the text: the message, the position, the line, a caret. @module */

import { MillraceError } from '../core/errors.ts';
import type { Span } from './ast.ts';

/** Widest part of a line that a message shows. */
const SHOWN_COLUMNS = 90;

/** 1-based line and column (in characters) of an offset. */
export function positionOf(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: Array.from(before[before.length - 1]!).length + 1 };
}

/** What an error of {@link expressionError} says, and where. */
export interface ExpressionProblem {
  readonly span: Span;
  /** Without the position; the name that was probably meant is in it. */
  readonly message: string;
}

const problems = new WeakMap<object, ExpressionProblem>();

/** What `error` was made of, if {@link expressionError} made it: for front ends that report positions their own way. */
export function expressionProblem(error: unknown): ExpressionProblem | undefined {
  return typeof error === 'object' && error !== null ? problems.get(error) : undefined;
}

/**
 * The `ERR_EXPRESSION` for a mistake at `span`:
 *
 * ```
 * unknown column 'prise'; did you mean 'price'? (line 1, column 5)
 *   NOT prise > 100
 *       ^^^^^
 * ```
 *
 * @param suggestion - the name that was probably meant; becomes a question behind the message
 */
export function expressionError(span: Span, message: string, suggestion?: string): MillraceError {
  const { line, column } = positionOf(span.source, span.start);
  const question = suggestion === undefined ? '' : `; did you mean '${suggestion}'?`;
  const error = new MillraceError(
    'ERR_EXPRESSION',
    `${message}${question} (line ${line}, column ${column})\n${pointAt(span)}`,
  );
  problems.set(error, { span, message: `${message}${question}` });
  return error;
}

/** The line of the span's start with carets below the span. */
export function pointAt({ source, start, end }: Span): string {
  const lineStart =
    Math.max(source.lastIndexOf('\n', start - 1), source.lastIndexOf('\r', start - 1)) + 1;
  const lineLength = /^[^\r\n]*/.exec(source.slice(lineStart))![0].length;
  const line = Array.from(source.slice(lineStart, lineStart + lineLength).replaceAll('\t', ' '));
  const from = Array.from(source.slice(lineStart, start)).length;
  const to = Math.max(
    from + 1,
    Array.from(source.slice(lineStart, Math.min(end, lineStart + lineLength))).length,
  );
  const first = line.length <= SHOWN_COLUMNS ? 0 : Math.max(0, from - 40);
  const last = Math.min(line.length, first + SHOWN_COLUMNS);
  const head = first > 0 ? '…' : '';
  const tail = last < line.length ? '…' : '';
  const indent = ' '.repeat(from - first + head.length);
  const carets = '^'.repeat(Math.max(1, Math.min(to, last) - from));
  return `  ${head}${line.slice(first, last).join('')}${tail}\n  ${indent}${carets}`;
}
