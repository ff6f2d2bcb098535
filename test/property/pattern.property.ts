/** Patterns give what an enumerator of all combinations gives. @module */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import { BoundedDisorder } from '../../src/core/time.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { documentPlan } from '../support/kernel/operator-nodes.ts';
import type { ModelMatch, ModelPattern, ModelRow, Tree } from '../support/kernel/pattern-model.ts';
import { modelMatches, occurring, templateText } from '../support/kernel/pattern-model.ts';
import type { Cell } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { schemaOf } from '../unit/operators/aggregate-nodes.ts';

const LONG = 'a string that does not fit its view';
const KEYS = [null, 'a', LONG] as const;
const SCHEMA = schemaOf({ k: 'string', f: 'int64', v: 'int32', id: 'int32', s: 'string' });
const INPUTS = ['p', 'q'].map((name) => ({ name, schema: SCHEMA, hasTime: true }));
/** By event: its input, and which rows of that it is. Some rows are two events. */
const EVENTS = [
  { input: 'p', where: 'v % 2 = 0', is: (v: number | null) => v !== null && v % 2 === 0 },
  { input: 'p', where: 'v > 1', is: (v: number | null) => v !== null && v > 1 },
  { input: 'q', where: undefined, is: () => true },
  { input: 'q', where: 'v IS NULL OR v < 2', is: (v: number | null) => v === null || v < 2 },
  { input: 'p', where: 'v = 3', is: (v: number | null) => v === 3 },
] as const;
const nameOf = (event: number): string => `e${event}`;

interface Drawn {
  readonly port: number;
  readonly stepUs: number;
  readonly key: (typeof KEYS)[number];
  readonly v: number | null;
}

const ROWS = fc.array(
  fc.record({
    port: fc.nat(1),
    stepUs: fc.integer({ min: -5, max: 4 }),
    key: fc.constantFrom(...KEYS),
    v: fc.constantFrom(null, 0, 1, 2, 3),
  }),
  { maxLength: 36, size: 'max' },
);

/** A template in which each event stands once at most, and two to four occur. */
const TREE: fc.Arbitrary<Tree> = fc
  .tuple(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 2 }), fc.infiniteStream(fc.nat(1 << 20)))
  .map(([events, numbers]) => {
    const draw = (below: number): number => numbers.next().value! % below;
    const build = (own: readonly number[], mayLead: boolean): Tree => {
      if (own.length === 1) return { kind: 'event', event: own[0]! };
      const kind = (['then', 'and', 'or', 'then'] as const)[draw(4)]!;
      const cut = 1 + draw(own.length - 1);
      if (kind !== 'or' && draw(3) === 0) {
        // One half stays out: in front of the other only where a match may have begun before.
        const out: Tree = { kind: 'not', events: own.slice(cut, cut + 2) };
        const rest = build(own.slice(0, cut), mayLead);
        return { kind, parts: mayLead && draw(2) === 0 ? [out, rest] : [rest, out] };
      }
      const first = build(own.slice(0, cut), mayLead || kind === 'and');
      return { kind, parts: [first, build(own.slice(cut), mayLead || kind !== 'or')] };
    };
    return build(events, false);
  });

const CASE = fc.record({
  rows: ROWS,
  tree: TREE,
  hasKey: fc.boolean(),
  window: fc.constantFrom<{ text: unknown; within: ModelPattern['within'] }>(
    { text: '6us', within: { sizeUs: 6 } },
    { text: '14us', within: { sizeUs: 14 } },
    { text: { field: 'f', size: 2 }, within: { size: 2 } },
  ),
  condition: fc.constantFrom('none', 'sum', 'against'),
  isOrdered: fc.boolean(),
  run: fc.record({
    refuses: fc.boolean(),
    inMemory: fc.boolean(),
    gaps: fc.boolean(),
    batchRows: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }),
  }),
});

/** Rows judged by the source of each input, with watermarks between them; and those in time. */
function scriptOf(
  rows: readonly Drawn[],
  isOrdered: boolean,
): { script: Step[]; model: Map<unknown, ModelRow[]> } {
  const sources = [new BoundedDisorder(4), new BoundedDisorder(4)];
  const latest = [0, 0];
  const model = new Map<unknown, ModelRow[]>();
  const script = rows.flatMap(({ port, stepUs, key, v }, id): Step[] => {
    const timeUs = latest[port]! + stepUs;
    latest[port] = Math.max(latest[port]!, timeUs);
    const lateByUs = sources[port]!.judge(timeUs);
    const field = Math.floor(timeUs / 3);
    const values: Cell[] = [key, BigInt(field), v, id, `${LONG} ${id}`];
    const row: Step = { port, row: { values, timeUs, lateByUs } };
    if (lateByUs === 0) {
      const events = EVENTS.flatMap(({ input, is }, e) =>
        input === INPUTS[port]!.name && is(v) ? [e] : [],
      );
      const list = model.get(key) ?? [];
      // Nulls are less than numbers.
      const rank = isOrdered ? 10 * timeUs + (v ?? -1) : timeUs;
      model.set(key, [...list, { timeUs, rank, field, events, id }]);
    }
    return id % 5 === 4 ? [row, { port, watermarkUs: sources[port]!.watermarkUs }] : [row];
  });
  return { script, model };
}

/** Templates that are refused begin with what must stay out, or have such a branch. */
function used(tree: Tree): readonly number[] {
  if (tree.kind === 'event') return [tree.event];
  return tree.kind === 'not' ? tree.events : tree.parts.flatMap(used);
}

const cellsOf = ({ timeUs, rows }: ModelMatch, events: readonly number[]): string =>
  `${events.map((event) => rows.get(event)?.id ?? null).join()} @${timeUs}`;

/** Runs cases; returns how many matches they had. */
export async function checkPatterns(numRuns: number, seed?: number): Promise<number> {
  let count = 0;
  const property = fc.asyncProperty(
    CASE,
    async ({ rows, tree, hasKey, window, condition, isOrdered, run }) => {
      const { script, model } = scriptOf(rows, isOrdered);
      const events = used(tree).toSorted((a, b) => a - b);
      const slots = occurring(tree).toSorted((a, b) => a - b);
      const out = events.filter((event) => !slots.includes(event));
      const [one] = slots;
      const sum = slots.map((event) => `COALESCE(${nameOf(event)}.id, 1)`).join(' + ');
      const wheres: Record<typeof condition, string | undefined> = {
        none: undefined,
        sum: `(${sum}) % 3 <> 0`,
        against: out.length === 0 ? undefined : `(${nameOf(out[0]!)}.id + 1) % 2 = 0`,
      };
      const where = wheres[condition];
      const text = {
        type: 'pattern',
        events: Object.fromEntries(
          events.map((event) => {
            const { input, where } = EVENTS[event]!;
            return [nameOf(event), where === undefined ? input : { input, where }];
          }),
        ),
        pattern: templateText(tree, nameOf),
        within: window.text,
        ...(isOrdered ? { orderBy: 'v' } : {}),
        ...(hasKey ? { key: ['k'] } : {}),
        ...(where === undefined ? {} : { where }),
        select: {
          ...Object.fromEntries(slots.map((event) => [nameOf(event), `${nameOf(event)}.id`])),
          s: `${nameOf(one!)}.s`,
        },
      };
      const plan = documentPlan(text, INPUTS);
      let turn = 0;
      const { batchRows, ...options } = run;
      const result = await runKernel(createKernel, plan, script, {
        ...options,
        rowCapacity: 64,
        batchRows: () => batchRows[turn++ % batchRows.length]!,
        renews: nowAndThen(run.gaps && run.refuses && run.inMemory),
      });
      const pattern: ModelPattern = {
        tree,
        within: window.within,
        where: (bound) =>
          condition !== 'sum' ||
          slots.reduce((total, event) => total + (bound.get(event)?.id ?? 1), 0) % 3 !== 0,
        against: (event, row) =>
          condition !== 'against' || event !== out[0] || (row.id + 1) % 2 === 0,
      };
      const groups = hasKey ? [...model.values()] : [[...model.values()].flat()];
      const expected = groups.flatMap((group) =>
        modelMatches(
          pattern,
          group
            .map((row) => ({ ...row, events: row.events.filter((e) => events.includes(e)) }))
            .filter((row) => row.events.length > 0),
        ),
      );
      const texts = expected.map(({ rows, timeUs }) => {
        const first = rows.get(one!);
        return `${cellsOf({ rows, timeUs }, slots)} ${first === undefined ? null : `${LONG} ${first.id}`}`;
      });
      const found = result.out
        .rows()
        .map(
          ({ values, timeUs }) =>
            `${values.slice(0, -1).join()} @${timeUs} ${String(values.at(-1))}`,
        );
      const plain = (list: string[]): string[] =>
        list.map((one) => one.replaceAll('null', '')).toSorted();
      expect(plain(found)).toEqual(plain(texts));
      expect(result.out.watermarkUs).toBe(Infinity);
      count += expected.length;
    },
  );
  await fc.assert(property, { numRuns, ...(seed === undefined ? {} : { seed }) });
  return count;
}

const SKIP_CASE = fc.record({
  rows: fc.array(
    fc.record({
      port: fc.nat(1),
      jitterUs: fc.integer({ min: -9, max: 9 }),
      key: fc.constantFrom(null, 'a'),
      v: fc.constantFrom(null, 0, 1, 2, 3),
    }),
    { maxLength: 50, size: 'max' },
  ),
  events: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 2, maxLength: 3 }),
  isWaiting: fc.boolean(),
  skip: fc.constantFrom('next', 'past'),
  sizeUs: fc.constantFrom(60, 200),
  renews: fc.boolean(),
});

/** Of chains, with something that stays out behind them or not: what is left when matches are skipped. */
export async function checkSkips(numRuns: number): Promise<number> {
  let count = 0;
  const property = fc.asyncProperty(SKIP_CASE, async (given) => {
    const { rows, events, isWaiting, skip, sizeUs, renews } = given;
    const chain = isWaiting && events.length > 2 ? events.slice(0, -1) : events;
    const out = events.slice(chain.length);
    const parts: Tree[] = chain.map((event) => ({ kind: 'event', event }));
    if (out.length > 0) parts.push({ kind: 'not', events: out });
    const tree: Tree = { kind: 'then', parts };
    const script: Step[] = [];
    const model = new Map<unknown, ModelRow[]>();
    const times = new Set<number>();
    rows.forEach(({ port, jitterUs, key, v }, id) => {
      const timeUs = 7 * id + jitterUs;
      if (times.has(timeUs)) return;
      times.add(timeUs);
      script.push({ port, row: { values: [key, null, v, id, ''], timeUs } });
      const is = EVENTS.flatMap((event, e) =>
        event.input === INPUTS[port]!.name && event.is(v) && events.includes(e) ? [e] : [],
      );
      model.set(key, [
        ...(model.get(key) ?? []),
        { timeUs, rank: timeUs, field: 0, events: is, id },
      ]);
      if (id % 4 === 3) for (const p of [0, 1]) script.push({ port: p, watermarkUs: 7 * id - 20 });
    });
    const text = {
      type: 'pattern',
      events: Object.fromEntries(
        events.map((event) => {
          const { input, where } = EVENTS[event]!;
          return [nameOf(event), where === undefined ? input : { input, where }];
        }),
      ),
      pattern: templateText(tree, nameOf),
      within: `${sizeUs}us`,
      key: ['k'],
      skip,
      select: Object.fromEntries(chain.map((event) => [nameOf(event), `${nameOf(event)}.id`])),
    };
    const result = await runKernel(createKernel, documentPlan(text, INPUTS), script, {
      rowCapacity: 64,
      renews: nowAndThen(renews),
    });
    const pattern: ModelPattern = {
      tree,
      within: { sizeUs },
      where: () => true,
      against: () => true,
    };
    const expected = [...model.values()].flatMap((group) =>
      unskipped(modelMatches(pattern, group), chain, skip),
    );
    const texts = expected.map((match) => cellsOf(match, chain));
    const found = result.out.rows().map(({ values, timeUs }) => `${values.join()} @${timeUs}`);
    expect(found.toSorted()).toEqual(texts.toSorted());
    count += texts.length;
  });
  await fc.assert(property, { numRuns });
  return count;
}

/** The matches of one key that are left, as they become complete. */
function unskipped(
  matches: readonly ModelMatch[],
  chain: readonly number[],
  skip: string,
): ModelMatch[] {
  const timesOf = ({ timeUs, rows }: ModelMatch): number[] => [
    timeUs,
    ...chain.map((event) => rows.get(event)!.timeUs),
  ];
  const ordered = matches.toSorted((a, b) => {
    const [x, y] = [timesOf(a), timesOf(b)];
    return x.map((time, i) => time - y[i]!).find((difference) => difference !== 0) ?? 0;
  });
  const left: ModelMatch[] = [];
  for (const match of ordered) {
    const [, first] = timesOf(match);
    const isSkipped = left.some((other) =>
      skip === 'next' ? timesOf(other)[1] === first : timesOf(other).at(-1)! >= first!,
    );
    if (!isSkipped) left.push(match);
  }
  return left;
}
