/** Windows of StreamSQL as windows of an aggregate. @module */

import { formatExpression, formatIdentifier } from '../../expr/index.ts';
import type { Window } from '../ast.ts';
import { mistake } from '../problems.ts';
import { amountOf, durationOf, microseconds, wholeOf } from './amounts.ts';
import type { ColumnScope } from './column-scope.ts';
import type { NodeDocument } from './document-builder.ts';
import { columnOf, type StreamInfo } from './stream-info.ts';

type KnownStream = Omit<StreamInfo, 'ref'>;

/** A window, and what its results are like. */
export interface TranslatedWindow {
  readonly document: Readonly<Record<string, NonNullable<NodeDocument[string]>>>;
  /** Results begin with `window_start` and `window_end`. */
  readonly hasEdges: boolean;
  /** By time, not by rows: results of a window come together. */
  readonly isOfTime: boolean;
}

/** The window of an aggregate over a stream. */
export function translateWindow(
  window: Window,
  info: KnownStream,
  scope: ColumnScope,
): TranslatedWindow {
  switch (window.by) {
    case 'time':
      return { document: timeWindow(window, info), hasEdges: true, isOfTime: true };
    case 'tuples':
      return { document: tupleWindow(window, info), hasEdges: false, isOfTime: false };
    case 'field':
      return { document: fieldWindow(window, info), hasEdges: true, isOfTime: false };
    case 'predicate':
      return { document: predicateWindow(window, info, scope), hasEdges: false, isOfTime: false };
  }
}

type Document = TranslatedWindow['document'];

/** Of event time where the stream has it, else by the clock. */
function timeWindow(window: Window, { hasTime }: KnownStream): Document {
  const { advance, offset, timeout, partial, span } = window;
  const size = window.size!;
  if (timeout !== undefined) {
    throw mistake(timeout.span, 'a window of TIME closes by time: leave TIMEOUT out');
  }
  if (partial) {
    throw mistake(span, 'a window of TIME gives what is in it when it closes: leave PARTIAL out');
  }
  const isHopping = advance !== undefined && microseconds(advance) !== microseconds(size);
  return {
    type: isHopping ? 'hopping' : 'tumbling',
    size: durationOf(size),
    ...(isHopping ? { slide: durationOf(advance) } : {}),
    ...(offset === undefined ? {} : { offset: durationOf(offset) }),
    ...(hasTime ? {} : { time: 'processing' }),
  };
}

function tupleWindow(window: Window, info: KnownStream): Document {
  const { advance, offset } = window;
  const size = window.size!;
  const count = wholeOf(size, 'tuples');
  const slide = advance === undefined ? count : wholeOf(advance, 'tuples');
  return {
    type: 'count',
    size: count,
    ...(slide === count ? {} : { slide }),
    ...(offset === undefined ? {} : { offset: wholeOf(offset, 'tuples') }),
    ...common(window, info),
  };
}

function fieldWindow(window: Window, info: KnownStream): Document {
  const { advance, offset } = window;
  const field = window.field!;
  const size = window.size!;
  const type = columnOf(info, field.text)?.type;
  const slide = advance !== undefined && advance.text !== size.text ? advance : undefined;
  return {
    type: 'value',
    on: formatIdentifier(field.text),
    size: amountOf(size, type),
    ...(slide === undefined ? {} : { slide: amountOf(slide, type) }),
    ...(offset === undefined ? {} : { offset: amountOf(offset, type) }),
    ...common(window, info),
  };
}

function predicateWindow(window: Window, info: KnownStream, scope: ColumnScope): Document {
  const conditions = Object.entries({ open: window.open, close: window.close, emit: window.emit });
  const written = conditions.flatMap(([name, expr]) =>
    expr === undefined ? [] : [[name, formatExpression(scope.rewrite(expr))] as const],
  );
  return { type: 'predicate', ...Object.fromEntries(written), ...common(window, info) };
}

/** `PARTIAL` and `TIMEOUT` of windows that rows open and close. */
function common({ partial, timeout }: Window, { hasTime }: KnownStream): Document {
  return {
    ...(partial ? { partial: true } : {}),
    ...(timeout === undefined ? {} : { timeout: durationOf(timeout) }),
    ...(timeout === undefined || hasTime ? {} : { time: 'processing' }),
  };
}
