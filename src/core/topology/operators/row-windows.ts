/** Windows that rows open and close, as documents write them. @module */

import * as z from 'zod';
import { parseDurationUs } from '../../units.ts';
import {
  expecting,
  expression,
  flag,
  listOf,
  number,
  object,
  option,
  positiveDuration,
  tagged,
  whole,
} from '../document/parts.ts';
import { pointer } from '../issues.ts';
import type { Expression } from '../model/parts.ts';
import type { Amount, Eviction, Place, RowDimension, RowWindow } from '../model/row-window.ts';
import type { NodeReport } from '../node-report.ts';
import { durationUs } from '../normalize-values.ts';

const rows = (expected = 'a whole number of rows, 1 or more'): z.ZodNumber => whole(expected, 1);

/** A positive number, or a duration for an axis of timestamps or durations. */
const amount = (): z.ZodUnion<[z.ZodNumber, z.ZodString]> =>
  z.union(
    [
      number('a number greater than zero').gt(0, expecting('a number greater than zero')),
      positiveDuration('30s'),
    ],
    expecting('a number greater than zero, or for a timestamp a duration such as "30s"'),
  );

const countShape = {
  offset: whole('a whole number of rows, 0 or more', 0)
    .describe('Rows of a group before its first window opens; 0 by default.')
    .optional(),
  emit: rows().describe('An intermediate result every so many rows of a window.').optional(),
};

const gridShape = {
  offset: z
    .union(
      [number('a number'), positiveDuration('15m')],
      expecting('a number, or for a timestamp a duration such as "15m"'),
    )
    .describe('Moves the beginnings of windows; 0 by default.')
    .optional(),
  align: option('alignment', ['epoch', 'group'])
    .describe(
      'Whether windows begin at multiples of their distance ("epoch", by default) or are counted ' +
        "from the first row of the group's.",
    )
    .optional(),
  emit: amount()
    .describe('An intermediate result each time that the value has risen by so much.')
    .optional(),
};

const on = expression('volume').describe(
  'What rows are placed by: a number or timestamp that never falls in a group.',
);

const predicateShape = {
  open: expression('status = 200')
    .describe('A row for which it is true opens a window.')
    .optional(),
  close: expression('status >= 500').describe('A row for which it is true closes all.').optional(),
  emit: expression('price > 100').describe('A row for which it is true gives results.').optional(),
  closing: option('place of the closing row', ['include', 'exclude'])
    .describe('Whether a row that closes windows is in them; "include" by default.')
    .optional(),
};

const dimension = tagged(
  'type',
  { noun: 'dimension type', expected: 'a dimension such as {"type": "count", "size": 100}' },
  [
    object('a dimension', {
      type: z.literal('count').describe('Rows are counted.'),
      size: rows().describe('A window closes with so many rows.').optional(),
      slide: rows().describe('A window opens every so many rows of the group.').optional(),
      ...countShape,
    }),
    object('a dimension', {
      type: z.literal('value').describe('Rows are placed by a value that never falls.'),
      on,
      size: amount().describe('A window closes when the value has left it.').optional(),
      slide: amount().describe('A window opens every so much of the value.').optional(),
      ...gridShape,
    }),
    object('a dimension', {
      type: z.literal('time').describe("Rows are placed by their time, or the group's latest."),
      size: positiveDuration('10s').describe('A window closes when it is over.').optional(),
      slide: positiveDuration('10s').describe('A window opens so often.').optional(),
      offset: positiveDuration('1s').describe('Moves the beginnings of windows.').optional(),
      align: gridShape.align,
      emit: positiveDuration('1s').describe('How far apart intermediate results are.').optional(),
    }),
    object('a dimension', {
      type: z.literal('predicate').describe('Rows say themselves what they do.'),
      ...predicateShape,
    }),
  ],
);

const common = {
  partial: flag()
    .describe('Whether the end of the input gives results of open windows; false by default.')
    .optional(),
};

const idle = {
  timeout: positiveDuration('10s')
    .describe('Closes the windows of a group that has had no row for so long.')
    .optional(),
  time: option('window time', ['event', 'processing'])
    .describe('The time that a timeout goes by: "event" (default), or "processing".')
    .optional(),
  evict: object('what a window keeps, such as {"rows": 100}', {
    rows: rows().describe('A window keeps so many rows, the last ones.').optional(),
    age: positiveDuration('1m')
      .describe('A window keeps rows no older than this against the last one.')
      .optional(),
  })
    .describe('Which rows leave a window before it closes.')
    .optional(),
};

/** The windows that rows open and close. */
export const rowWindows = [
  object('a window', {
    type: z.literal('count').describe('Windows of so many rows of a group.'),
    size: rows().describe('How many rows a window has.'),
    slide: rows().describe('How many rows lie between beginnings; the size by default.').optional(),
    ...countShape,
    ...common,
    ...idle,
  }),
  object('a window', {
    type: z.literal('value').describe('Windows over a value that never falls in a group.'),
    on,
    size: amount().describe('How much of the value a window spans.'),
    slide: amount().describe('How much lies between beginnings; the size by default.').optional(),
    ...gridShape,
    dropEmpty: flag()
      .describe('Whether windows without rows, between others, are left out; true by default.')
      .optional(),
    ...common,
    ...idle,
  }),
  object('a window', {
    type: z.literal('landmark').describe('One window from the first row on, which never closes.'),
    rows: rows().describe('A result every so many rows.').optional(),
    on: on.optional(),
    every: amount().describe('A result each time that the value has risen by so much.').optional(),
    when: expression('price > 100')
      .describe('A result with each row for which it is true.')
      .optional(),
    ...common,
  }),
  object('a window', {
    type: z.literal('predicate').describe('Windows that conditions on rows open and close.'),
    ...predicateShape,
    ...common,
    ...idle,
  }),
  object('a window', {
    type: z.literal('dimensions').describe('Windows that several dimensions open and close.'),
    dimensions: listOf(
      'a list of dimensions such as {"type": "count", "size": 100}',
      dimension,
    ).describe('What opens, emits and closes windows; at least one.'),
    ...common,
    ...idle,
  }),
] as const;

/** A window as it is written. */
export type RowWindowDocument = z.input<(typeof rowWindows)[number]>;
type DimensionDocument = z.input<typeof dimension>;

const KINDS: ReadonlySet<unknown> = new Set(rowWindows.map(({ shape }) => shape.type.value));

/** Whether a window, which may be wrong elsewhere, is one of these and not one of time. */
export function isRowWindow(node: unknown): node is RowWindowDocument {
  return typeof node === 'object' && node !== null && 'type' in node && KINDS.has(node.type);
}

/** Windows have something that gives results, and leave no gaps where they may not. */
export function checkRowWindow(node: RowWindowDocument, report: NodeReport): void {
  switch (node.type) {
    case 'landmark':
      checkLandmark(node, report);
      break;
    case 'predicate':
      if (node.close === undefined && node.emit === undefined && node.partial !== true) {
        report.add(['window'], `missing property 'close'; expected a condition such as "done"`);
      }
      break;
    case 'dimensions':
      if (node.dimensions.every(isSilent) && node.partial !== true) {
        const expected = `expected a dimension with 'size', 'close' or 'emit'`;
        report.add(['window', 'dimensions'], `no dimension ever gives a result; ${expected}`);
      }
      break;
    default:
  }
  if ('evict' in node && node.evict !== undefined && Object.keys(node.evict).length === 0) {
    report.add(['window', 'evict'], `expected 'rows', 'age' or both, found neither`);
  }
}

function isSilent(node: DimensionDocument): boolean {
  if (node.emit !== undefined) return false;
  return node.type === 'predicate' ? node.close === undefined : node.size === undefined;
}

function checkLandmark(
  node: Extract<RowWindowDocument, { type: 'landmark' }>,
  report: NodeReport,
): void {
  const { rows: everyRows, on: value, every, when, partial } = node;
  if (value !== undefined && every === undefined) {
    report.add(['window'], `missing property 'every'; expected how far apart results are`);
  } else if (every !== undefined && value === undefined) {
    report.add(['window'], `missing property 'on'; expected the value that 'every' is of`);
  }
  const isSilentLandmark = everyRows === undefined && every === undefined && when === undefined;
  if (isSilentLandmark && value === undefined && partial !== true) {
    report.add(['window'], `nothing gives results; expected 'rows', 'on' with 'every', or 'when'`);
  }
}

/** The normal form of a window that stands in the node at the pointer `at`. */
export function normalizeRowWindow(node: RowWindowDocument, at: string): RowWindow {
  const { type: kind, partial = false } = node;
  const isIdle = kind !== 'landmark';
  return {
    kind,
    dimensions: dimensionsOf(node, at),
    partial,
    dropEmpty: kind !== 'value' || (node.dropEmpty ?? true),
    timeoutUs: isIdle ? durationUs(node.timeout, undefined) : undefined,
    time: isIdle ? (node.time ?? 'event') : 'event',
    evict: isIdle ? evictionOf(node) : undefined,
  };
}

function evictionOf({
  evict,
}: Extract<RowWindowDocument, { evict?: unknown }>): Eviction | undefined {
  if (evict === undefined) return undefined;
  return { rows: evict.rows, ageUs: durationUs(evict.age, undefined) };
}

function dimensionsOf(node: RowWindowDocument, at: string): RowDimension[] {
  const place: Place = ['window'];
  switch (node.type) {
    case 'count':
    case 'value':
      return [dimensionOf({ slide: node.size, ...node } as DimensionDocument, place, at)];
    case 'predicate':
      return [dimensionOf(node, place, at)];
    case 'dimensions':
      return node.dimensions.map((each, i) => dimensionOf(each, [...place, 'dimensions', i], at));
    case 'landmark':
      return landmarkDimensions(node, place, at);
  }
}

function landmarkDimensions(
  { rows: emit, on: value, every, when }: Extract<RowWindowDocument, { type: 'landmark' }>,
  place: Place,
  at: string,
): RowDimension[] {
  const found: RowDimension[] = [];
  if (value !== undefined) {
    const dimension = { type: 'value', on: value, emit: every } as DimensionDocument;
    found.push({ ...dimensionOf(dimension, place, at), emitName: 'every' } as RowDimension);
  }
  if (when !== undefined) {
    const dimension = { type: 'predicate' } as DimensionDocument;
    const text = { emit: expressionAt(when, [...place, 'when'], at), emitName: 'when' };
    found.push({ ...dimensionOf(dimension, place, at), ...text } as RowDimension);
  }
  if (emit !== undefined || found.length === 0) {
    found.push(dimensionOf({ type: 'count', emit }, place, at));
  }
  return found;
}

function dimensionOf(node: DimensionDocument, place: Place, at: string): RowDimension {
  const textOf = (name: string, text: string | undefined): Expression | undefined =>
    text === undefined ? undefined : expressionAt(text, [...place, name], at);
  switch (node.type) {
    case 'count': {
      const { size, slide, offset = 0, emit } = node;
      return { kind: 'count', at: place, size, slide, offset, emit };
    }
    case 'predicate':
      return {
        kind: 'predicate',
        at: place,
        open: textOf('open', node.open),
        close: textOf('close', node.close),
        emit: textOf('emit', node.emit),
        emitName: 'emit',
        closing: node.closing ?? 'include',
      };
    default:
      return {
        kind: 'value',
        at: place,
        on: node.type === 'time' ? undefined : textOf('on', node.on),
        size: amountOf(node.size),
        slide: amountOf(node.slide),
        offset: amountOf(node.offset),
        align: node.align ?? 'epoch',
        emit: amountOf(node.emit),
        emitName: 'emit',
      };
  }
}

function expressionAt(text: string, place: Place, at: string): Expression {
  return { text, pointer: at + pointer(...place) };
}

function amountOf(written: number | string | undefined): Amount | undefined {
  if (typeof written !== 'string') return written;
  return { us: parseDurationUs(written)! };
}
