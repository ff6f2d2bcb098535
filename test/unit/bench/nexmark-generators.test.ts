/** NEXMark's generators: the events are what they should be, however they are cut into batches. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BeamEvents } from '../../../bench/workloads/nexmark/beam/events.ts';
import { JavaRandom } from '../../../bench/workloads/nexmark/beam/java-random.ts';
import { FastEvents } from '../../../bench/workloads/nexmark/fast/events.ts';
import type { RowMaker } from '../../../bench/workloads/nexmark/model/rows.ts';
import { SCHEMAS } from '../../../bench/workloads/nexmark/model/schemas.ts';
import {
  BASE_TIME_MS,
  countBefore,
  eventOf,
  type Kind,
  kindOf,
  lastAuction,
  Timeline,
} from '../../../bench/workloads/nexmark/model/timeline.ts';
import { open } from '../../../bench/workloads/nexmark/source.ts';
import { layoutBatch } from '../../../src/core/batch-layout.ts';
import { Batch } from '../../../src/core/batch.ts';
import { KernelMemory } from '../../../src/core/memory.ts';
import type { JsonValue, SourceModule, SourceModuleContext } from '../../../src/index.ts';
import { RowReader } from '../../../src/rows/row-reader.ts';

const KINDS: readonly Kind[] = ['person', 'auction', 'bid'];

/** Rows of a source that is read until its end, in batches of one size. */
async function rowsOf(
  options: Readonly<Record<string, JsonValue>> & { readonly kind: Kind },
  { rowCapacity = 1024, heapBytes = 256 * 1024, sources = 1 } = {},
): Promise<unknown[]> {
  const schema = SCHEMAS[options.kind];
  const memory = KernelMemory.create(32e6);
  let parts = 0;
  const context = { schema, memory, nextPart: () => parts++ } as unknown as SourceModuleContext;
  const left = await Promise.all(
    Array.from({ length: sources }, async () => (await open(options, context)) as SourceModule),
  );
  const batch = Batch.allocate(
    layoutBatch({ schema, hasTime: false }, rowCapacity, heapBytes),
    memory,
  );
  const reader = new RowReader(schema, { int64: 'number' });
  const rows: unknown[] = [];
  while (left.length > 0) {
    batch.reset();
    const source = left.shift()!;
    if (source.read(batch) !== 'end') left.push(source);
    for (let row = 0; row < batch.rowCount; row++) rows.push(reader.read(batch, row));
  }
  return rows;
}

function expectedRows(rows: RowMaker, kind: Kind, events: number): unknown[] {
  return Array.from({ length: countBefore(kind, events) }, (_, i) => rows[kind](eventOf(kind, i)));
}

test('java.util.Random', () => {
  const zero = new JavaRandom(0);
  expect([zero.nextInt(), zero.nextInt(), zero.nextInt()]).toEqual([
    -1155484576, -723955400, 1033096058,
  ]);
  expect(new JavaRandom(42).nextDouble()).toBe(0.7275636800328681);
});

test("Beam's events", () => {
  const file = new URL('../../golden/nexmark/beam-events.jsonl', import.meta.url);
  const rows = new BeamEvents(new Timeline(10_000));
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const { event, t, ts, ...rest } = JSON.parse(line) as Record<string, string | number>;
    const kind = { P: 'person', A: 'auction', B: 'bid' }[t as string] as Kind;
    expect(kindOf(event as number)).toBe(kind);
    const { email, cc, name, descr, ...same } = rest;
    const expected =
      kind === 'person'
        ? { ...same, name, emailAddress: email, creditCard: cc }
        : kind === 'auction'
          ? { ...same, itemName: name, description: descr }
          : { ...same, channel: '', url: '' };
    expect(rows[kind](event as number)).toEqual({ ...expected, dateTime: ts });
  }
});

test('numbers of events and of rows', () => {
  const seen = { person: 0, auction: 0, bid: 0 };
  for (let event = 0; event < 220; event++) {
    const kind = kindOf(event);
    for (const other of KINDS) expect(countBefore(other, event)).toBe(seen[other]);
    expect(eventOf(kind, seen[kind])).toBe(event);
    expect(lastAuction(event)).toBe(kind === 'auction' ? seen.auction : seen.auction - 1);
    seen[kind]++;
  }
});

test.each([10_000_000, 7000, 33])('times at %i events a second', (rate) => {
  const timeline = new Timeline(rate);
  for (let offsetMs = 1; offsetMs < 400; offsetMs += 7) {
    const event = timeline.firstEventAt(offsetMs);
    expect(timeline.offsetMs(event)).toBeGreaterThanOrEqual(offsetMs);
    expect(timeline.offsetMs(event - 1)).toBeLessThan(offsetMs);
  }
});

for (const kind of KINDS) {
  test.each([10_000_000, 1000, 33])(`the kernel writes ${kind}s, at %i a second`, async (rate) => {
    const events = 20_345;
    const expected = expectedRows(new FastEvents(new Timeline(rate), 7), kind, events);
    const options = { kind, events, rate, seed: 7 };
    expect(await rowsOf(options)).toEqual(expected);
    // A heap that is full long before the rows are, and other kinds beside.
    const others = KINDS.filter((other) => other !== kind);
    const tight = await rowsOf(
      { ...options, with: others },
      { rowCapacity: 192, heapBytes: 20_000 },
    );
    expect(tight).toEqual(expected);
  });

  test(`parts of ${kind}s are the whole`, async () => {
    const options = { kind, events: 33_333, rate: 1000, generator: 'beam' };
    const parts = await rowsOf(options, { sources: 3 });
    const text = (rows: readonly unknown[]): string[] =>
      rows.map((row) => JSON.stringify(row)).sort();
    const whole = expectedRows(new BeamEvents(new Timeline(1000)), kind, 33_333);
    expect(text(parts)).toEqual(text(whole));
  });
}

test('shapes of the fast events', () => {
  const rows = new FastEvents(new Timeline(10_000_000), 3);
  const bids = Array.from({ length: 20_000 }, (_, i) => rows.bid(eventOf('bid', 100_000 + i)));
  const share = (is: (bid: (typeof bids)[number], i: number) => boolean): number =>
    bids.filter(is).length / bids.length;
  const mean = (of: (bid: (typeof bids)[number]) => number): number =>
    bids.reduce((total, bid) => total + of(bid), 0) / bids.length;
  const near = (value: number, expected: number): void => {
    expect(Math.abs(value - expected)).toBeLessThan(0.015);
  };
  // Hot ids are drawn by chance as well, one time in a hundred or less.
  near(
    share(({ auction }) => (auction - 1000) % 100 === 0),
    0.5 + 0.5 * 0.01,
  );
  near(
    share(({ bidder }) => (bidder - 1000) % 100 === 1),
    0.75 + 0.25 * 0.01,
  );
  near(
    share(({ channel }) => !channel.startsWith('channel-')),
    0.5,
  );
  near(
    share(({ url }) => url.includes('&channel_id=')),
    0.45,
  );
  near(mean(({ price }) => Math.log10(price)) / 5, 1);
  near(mean(({ extra }) => extra.length) / 67.5, 1);
  expect(new Set(bids.map(({ channel }) => channel)).size).toBeGreaterThan(5000);
  const auctions = Array.from({ length: 10_000 }, (_, i) => rows.auction(eventOf('auction', i)));
  near(auctions.filter(({ category }) => category === 10).length / auctions.length + 0.8, 1);
  near(
    auctions.reduce(
      (total, a) => total + a.itemName.length + a.description.length + a.extra.length + 48,
      0,
    ) /
      auctions.length /
      500,
    1,
  );
  for (const { dateTime, expires, initialBid, reserve } of auctions) {
    expect(dateTime).toBeGreaterThanOrEqual(BASE_TIME_MS);
    expect(expires).toBeGreaterThan(dateTime);
    expect(reserve).toBeGreaterThanOrEqual(initialBid + 100);
  }
});

test.each([
  [{ kind: 'offer' }, /offer/],
  [{ kind: 'bid', generator: 'slow' }, /slow/],
  [{ kind: 'bid', rate: -1 }, /rate/],
])('options %j are refused', (options, message) => {
  const context = { schema: SCHEMAS.bid } as unknown as SourceModuleContext;
  expect(() => open(options, context)).toThrow(message);
});
