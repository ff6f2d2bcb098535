/** Windows of rows for tests: drawn ones, as the topology has them and as the model does. @module */

import * as fc from 'fast-check';
import type { Expression, RowDimension, RowWindow } from '../../../src/core/topology/model.ts';
import { schemaOf } from '../../unit/operators/aggregate-nodes.ts';
import type { ModelDimension, ModelWindows } from './row-window-model.ts';
import type { Cell, TestRow } from './rows.ts';

/** `v` never falls in a group; `o`, `c` and `e` open, close and emit. */
export const ROW_SCHEMA = schemaOf({
  k: 'string',
  i: 'int32',
  s: 'string',
  v: 'float64',
  t: 'timestamp',
  o: 'bool',
  c: 'bool',
  e: 'bool',
});

const at = (name: string): number => ROW_SCHEMA.findIndex((field) => field.name === name);
const isTrue =
  (name: string) =>
  ({ values }: TestRow): boolean =>
    values[at(name)] === true;

/** A window both ways. */
export interface DrawnWindow {
  readonly window: RowWindow;
  readonly model: ModelWindows;
}

const expr = (text: string): Expression => ({ text, pointer: '/operators/tested/window' });

interface DrawnDimension {
  readonly dimension: RowDimension;
  readonly model: ModelDimension;
}

const rows = fc.integer({ min: 1, max: 9 });
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(of, { nil: undefined });

const count = (sized: boolean): fc.Arbitrary<DrawnDimension> =>
  fc
    .record({
      size: sized ? rows : maybe(rows),
      slide: sized ? rows : maybe(rows),
      offset: fc.nat({ max: 4 }),
      emit: maybe(fc.integer({ min: 1, max: 4 })),
    })
    .map((drawn) => ({
      dimension: { kind: 'count', at: ['window'], ...drawn },
      model: { kind: 'count', ...drawn },
    }));

/** Over the float `v`, or the timestamp `t`, which has ten times its value in microseconds. */
const value = (sized: boolean): fc.Arbitrary<DrawnDimension> =>
  fc
    .record({
      size: sized ? fc.integer({ min: 1, max: 12 }) : maybe(fc.integer({ min: 1, max: 12 })),
      slide: sized ? fc.integer({ min: 1, max: 12 }) : maybe(fc.integer({ min: 1, max: 12 })),
      offset: fc.integer({ min: -3, max: 3 }),
      align: fc.constantFrom('epoch' as const, 'group' as const),
      emit: maybe(fc.integer({ min: 1, max: 5 })),
      isTime: fc.boolean(),
    })
    .map(({ isTime, align, ...lengths }) => {
      const scale = isTime ? 10 : 0.5;
      const model = {
        size: lengths.size && lengths.size * scale,
        slide: lengths.slide && lengths.slide * scale,
        offset: lengths.offset * scale,
        emit: lengths.emit && lengths.emit * scale,
      };
      const amount = (of: number | undefined) => (of === undefined || !isTime ? of : { us: of });
      return {
        dimension: {
          kind: 'value',
          at: ['window'],
          on: expr(isTime ? 't' : 'v'),
          size: amount(model.size),
          slide: amount(model.slide),
          offset: amount(model.offset),
          align,
          emit: amount(model.emit),
          emitName: 'emit',
        },
        model: {
          kind: 'value',
          of: ({ values }) => Number(values[at(isTime ? 't' : 'v')]),
          align,
          ...model,
        },
      };
    });

const predicate: fc.Arbitrary<DrawnDimension> = fc
  .record({
    open: fc.boolean(),
    close: fc.boolean(),
    emit: fc.boolean(),
    closing: fc.constantFrom('include' as const, 'exclude' as const),
  })
  .map(({ open, close, emit, closing }) => ({
    dimension: {
      kind: 'predicate',
      at: ['window'],
      open: open ? expr('o') : undefined,
      close: close ? expr('c') : undefined,
      emit: emit ? expr('e') : undefined,
      emitName: 'emit',
      closing,
    },
    model: {
      kind: 'predicate',
      opens: open ? isTrue('o') : undefined,
      closes: close ? isTrue('c') : undefined,
      emits: emit ? isTrue('e') : undefined,
      excludesClosing: closing === 'exclude',
    },
  }));

const further = fc.record({
  partial: fc.boolean(),
  timeoutUs: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined, freq: 3 }),
  keptRows: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 3 }),
  keptUs: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined, freq: 2 }),
});

function drawnWindow(
  kind: RowWindow['kind'],
  drawn: readonly DrawnDimension[],
  {
    partial,
    timeoutUs,
    keptRows,
    keptUs,
  }: typeof further extends fc.Arbitrary<infer T> ? T : never,
): DrawnWindow {
  const evicts = keptRows !== undefined || keptUs !== undefined;
  return {
    window: {
      kind,
      dimensions: drawn.map(({ dimension }) => dimension),
      partial,
      dropEmpty: true,
      timeoutUs,
      time: 'event',
      evict: evicts ? { rows: keptRows, ageUs: keptUs } : undefined,
    },
    model: {
      dimensions: drawn.map(({ model }) => model),
      timeout: timeoutUs,
      keptRows,
      keptAge: keptUs,
      partial,
    },
  };
}

/** Windows of any dimensions, but for those over one value alone. */
export const drawnWindows: fc.Arbitrary<DrawnWindow> = fc.oneof(
  fc.tuple(count(true), further).map(([one, more]) => drawnWindow('count', [one], more)),
  fc.tuple(predicate, further).map(([one, more]) => drawnWindow('predicate', [one], more)),
  fc
    .tuple(
      fc.array(fc.oneof(count(false), value(false), predicate), { minLength: 1, maxLength: 3 }),
      further,
    )
    .map(([several, more]) => drawnWindow('dimensions', several, more)),
);

/** Windows over one value. */
export const drawnValueWindows: fc.Arbitrary<DrawnWindow & { readonly dropEmpty: boolean }> = fc
  .tuple(value(true), fc.boolean(), fc.boolean())
  .map(([one, partial, dropEmpty]) => {
    const none = { timeoutUs: undefined, keptRows: undefined, keptUs: undefined };
    const drawn = drawnWindow('value', [one], { partial, ...none });
    return { ...drawn, window: { ...drawn.window, dropEmpty }, dropEmpty };
  });

/** A row, by steps from the one before: of time, and of `v` in its group. */
export const drawnRows = fc.array(
  fc.record({
    source: fc.integer({ min: 0, max: 1 }),
    stepUs: fc.integer({ min: -8, max: 14 }),
    stepV: fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 3 }) }, fc.constant(40)),
    values: fc.tuple(
      fc.option(fc.constantFrom('', 'a', 'a key that does not fit its view'), { freq: 6 }),
      fc.option(fc.integer({ min: -9, max: 9 }), { freq: 6 }),
      fc.option(
        fc.constantFrom('', 'b', 'a string that does not fit its view', 'another long one'),
        {
          freq: 6,
        },
      ),
      fc.option(fc.boolean(), { freq: 4 }),
      fc.option(fc.boolean(), { freq: 4 }),
      fc.option(fc.boolean(), { freq: 4 }),
    ),
  }),
  { maxLength: 80, size: 'max' },
);

/** Values of rows in the schema: `v` and `t` only rise in a group of these keys. */
export function risingValues(
  rows: typeof drawnRows extends fc.Arbitrary<infer T> ? T : never,
  keyOf: (k: Cell) => string,
): { source: number; stepUs: number; values: Cell[] }[] {
  const latest = new Map<string, number>();
  return rows.map(({ source, stepUs, stepV, values: [k, i, s, o, c, e] }) => {
    const key = keyOf(k);
    const v = (latest.get(key) ?? -6) + stepV;
    latest.set(key, v);
    return { source, stepUs, values: [k, i, s, v * 0.5, BigInt(v * 10), o, c, e] };
  });
}
