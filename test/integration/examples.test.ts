/** Every example runs, and gives what a few lines of plain JavaScript give for the same rows. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type EngineStats, Millrace, parseStreamSql } from 'millrace';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'dist/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'millrace-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a program wrote to standard output; it must end with exit status 0. */
async function outputOf(...args: readonly string[]): Promise<string> {
  const child = start(...args);
  const [output, errors] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close'),
  ]);
  expect({ errors, status: child.exitCode }).toMatchObject({ status: 0 });
  return output;
}

/** A topology that a test changes. */
interface Document {
  sources: Record<string, { count?: number; rate?: number }>;
  operators?: Record<string, object>;
  sinks: Record<string, object>;
  engine: { int64?: string };
}

interface Impression {
  readonly at: number;
  readonly impression: number;
  readonly agent: string;
}

interface Click {
  readonly at: number;
  readonly click: number;
  readonly rank: number;
}

interface Counts {
  readonly query: string;
  readonly ad: string;
  readonly impressions: number;
  readonly clicks: number;
  readonly ctr: number;
}

describe('examples/ad-ctr', () => {
  const IMPRESSIONS = 60_000;
  const CLICKS = 2400;
  const QUERIES = 'boots,cruise,drill,guitar,hotel,kettle,laptop,piano,sofa,tent'.split(',');
  let impressions: Impression[] = [];
  let clicks: Click[] = [];

  /** The example's document with fewer rows, as fast as they are taken, and these sinks. */
  function shortDocument(sinks: Record<string, string>): Document {
    const file = join(ROOT, 'examples/ad-ctr/topology.json');
    const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
    const counts = { impressions: IMPRESSIONS, clicks: CLICKS };
    for (const [name, count] of Object.entries(counts)) {
      const source = document.sources[name]!;
      source.count = count;
      delete source.rate;
    }
    document.sinks = Object.fromEntries(
      Object.entries(sinks).map(([name, input]) => [name, { connector: 'embedded', input }]),
    );
    document.engine.int64 = 'number';
    return document;
  }

  beforeAll(async () => {
    const document = shortDocument({ shown: 'impressions', clicked: 'clicks' });
    delete document.operators;
    await using engine = await Millrace.start(document, { workers: 1 });
    const rows = await Promise.all([
      engine.output('shown').rows(),
      engine.output('clicked').rows(),
    ]);
    [impressions, clicks] = rows as unknown as [Impression[], Click[]];
    expect([impressions.length, clicks.length]).toEqual([IMPRESSIONS, CLICKS]);
  });

  /** Counts by query, advertisement and `groupOf`, which is part of the key. */
  function countPlainly(groupOf: (at: number) => object): Counts[] {
    const clickTimes = new Map<number, number[]>();
    for (const { at, click, rank } of clicks) {
      const impression = Math.floor(click / 4) * 100 + ((rank * 37) % 100);
      clickTimes.set(impression, [...(clickTimes.get(impression) ?? []), at]);
    }
    const groups = new Map<string, { impressions: number; clicks: number }>();
    for (const { at, impression, agent } of impressions) {
      if (agent.includes('Bot')) continue;
      const query = QUERIES[Math.floor(impression / 10) % 10];
      const key = JSON.stringify({ ...groupOf(at), query, ad: `ad-${impression % 10}` });
      const group = groups.get(key) ?? { impressions: 0, clicks: 0 };
      groups.set(key, group);
      group.impressions++;
      const isClicked = clickTimes.get(impression)?.some((t) => t >= at && t <= at + 60_000);
      if (isClicked === true) group.clicks++;
    }
    return Array.from(groups, ([key, group]) => ({
      ...JSON.parse(key),
      ...group,
      ctr: (group.clicks + 2) / (group.impressions + 50),
    }));
  }

  const byText = (rows: readonly object[]): string[] =>
    rows.map((row) => JSON.stringify(row)).sort();
  const minuteOf = (at: number) => {
    const window_start = Math.floor(at / 60_000) * 60_000;
    return { window_start, window_end: window_start + 60_000 };
  };

  test('the streams are out of order, have bots, and clicks that come too late', () => {
    const times = impressions.map(({ at }) => at);
    expect(times).not.toEqual(times.toSorted((a, b) => a - b));
    expect(impressions.some(({ agent }) => agent.includes('Bot'))).toBe(true);
    const counted = countPlainly(() => ({})).reduce((sum, row) => sum + row.clicks, 0);
    expect(counted).toBeGreaterThan(CLICKS / 2);
    expect(counted).toBeLessThan(CLICKS * 0.9);
  });

  test.each([1, 2, 3])('counts right with %i workers', async (workers) => {
    const document = shortDocument({ minutes: 'ctr_per_minute', total: 'ctr_in_all' });
    await using engine = await Millrace.start(document, { workers });
    const [minutes, total] = await Promise.all([
      engine.output('minutes').rows(),
      engine.output('total').rows(),
    ]);
    expect(byText(total)).toEqual(byText(countPlainly(() => ({}))));
    expect(byText(minutes)).toEqual(byText(countPlainly(minuteOf)));
    const { status, operators } = await engine.completed;
    expect(status).toBe('completed');
    expect(operators['per_minute']!.late).toBe(0);
  });

  test('npm start shows minutes while they come, and ends with the top ten', async () => {
    const output = await outputOf('examples/ad-ctr/start.ts', '--minutes', '3');
    expect(output).toMatch(/^worker 0 runs .*\nworker 1 runs .*served/);
    expect(output).toMatch(/^12:01 {2}\d+ impressions, \d+ clicks; first: \w+ ad-\d/m);
    const top = output.slice(output.indexOf('The top ten')).trimEnd().split('\n').slice(2);
    const expected = countPlainly(() => ({})).toSorted(
      (a, b) => b.ctr - a.ctr || (`${a.query} ${a.ad}` < `${b.query} ${b.ad}` ? -1 : 1),
    );
    expect(top.map((line) => line.trim().split(/\s+/).slice(1, 5))).toEqual(
      expected
        .slice(0, 10)
        .map(({ query, ad, impressions, clicks }) => [query, ad, `${impressions}`, `${clicks}`]),
    );
  });

  test('millrace run writes the same as CSV', async () => {
    const file = join(folder, 'ctr.csv');
    const settings = {
      '/sources/impressions/count': IMPRESSIONS,
      '/sources/impressions/rate': IMPRESSIONS,
      '/sources/clicks/count': CLICKS,
      '/sources/clicks/rate': CLICKS,
      '/sinks/total/path': file,
      '/sinks/minutes/path': join(folder, 'minutes.csv'),
    };
    const sets = Object.entries(settings).flatMap(([at, value]) => ['--set', `${at}=${value}`]);
    const output = await outputOf(CLI, 'run', 'examples/ad-ctr/topology.json', '--json', ...sets);
    const { status, sinks } = JSON.parse(output);
    expect({ status, rows: sinks.total.rows }).toEqual({ status: 'completed', rows: 100 });
    const [header, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(header).toBe('query,ad,impressions,clicks,ctr');
    const expected = countPlainly(() => ({})).map((row) => Object.values(row).join(','));
    expect(lines.toSorted()).toEqual(expected.sort());
    const rates = lines.map((line) => Number(line.split(',')[4]));
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  });
});

describe('examples/ctr-actors', () => {
  interface Serve {
    readonly at: string;
    readonly serve: number;
    readonly user: string;
    readonly query: string;
    readonly ad: number;
  }
  type ServeClick = Omit<Serve, 'query' | 'ad'>;

  const rowsOf = <Row>(name: string): Row[] =>
    readFileSync(join(ROOT, `examples/ctr-actors/${name}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);

  test.each(['1', '3'])(
    'the best pairs are those of a plain count, with %s workers',
    async (workers) => {
      await outputOf('examples/ctr-actors/prepare.ts');
      const [best, all] = [join(folder, 'best.csv'), join(folder, 'rates.csv')];
      const sets = ['--set', `/sinks/out/path=${best}`, '--set', `/sinks/all/path=${all}`];
      const file = 'examples/ctr-actors/topology.json';
      await outputOf(CLI, 'run', file, '--quiet', '--workers', workers, ...sets);

      const serves = new Map(rowsOf<Serve>('serves').map((serve) => [serve.serve, serve]));
      const events = [
        ...[...serves.values()].map((serve) => ({ ...serve, clicks: 0 })),
        ...rowsOf<ServeClick>('clicks').map((click) => ({ ...click, clicks: 1 })),
      ].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
      const clicksOf = new Map<string, number>();
      const pairs = new Map<string, { serves: number; clicks: number }>();
      for (const { user, serve, clicks } of events) {
        clicksOf.set(user, (clicksOf.get(user) ?? 0) + clicks);
        if (clicksOf.get(user)! > 40) continue;
        const { query, ad } = serves.get(serve)!;
        const pair = pairs.get(`${query},${ad}`) ?? { serves: 0, clicks: 0 };
        pairs.set(`${query},${ad}`, pair);
        if (clicks === 0) pair.serves++;
        else pair.clicks++;
      }
      const ranked = [...pairs]
        .map(([pair, counts]) => ({ pair, ...counts, ctr: counts.clicks / counts.serves }))
        .toSorted((a, b) => b.ctr - a.ctr)
        .slice(0, 5);
      expect(readFileSync(best, 'utf8').trimEnd().split('\n')).toEqual([
        'rank,query,ad,serves,clicks,ctr',
        ...ranked.map((row, i) => `${i + 1},${row.pair},${row.serves},${row.clicks},${row.ctr}`),
      ]);
      expect(
        [...clicksOf].filter(([, clicks]) => clicks > 40).map(([user]) => user.slice(0, 3)),
      ).toEqual(['bot', 'bot', 'bot']);
    },
  );
});

describe('examples/flights', () => {
  interface Flight {
    readonly at: string;
    readonly delay: number;
    readonly origin: string;
  }

  test('the files hold what plain JavaScript computes', async () => {
    await outputOf('examples/flights/prepare.ts');
    const [hours, days] = [join(folder, 'hours.csv'), join(folder, 'days.csv')];
    const sets = ['--set', `/sinks/hours/path=${hours}`, '--set', `/sinks/days/path=${days}`];
    await outputOf(
      CLI,
      'run',
      'examples/flights/topology.json',
      '--quiet',
      '--workers',
      '2',
      ...sets,
    );

    const flights = readFileSync(join(ROOT, 'examples/flights/flights.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Flight);
    expect(flights).toHaveLength(20_000);
    const byHour = groupDelays(
      flights,
      ({ origin, at }) => `${origin},${Number(at.slice(11, 13))}`,
    );
    const hourLines = Array.from(byHour, ([key, delays]) => {
      const late = delays.filter((delay) => delay > 15).length;
      return `${key},${delays.length},${mean(delays)},${Math.max(...delays)},${late}`;
    });
    const hourOrder = (a: string, b: string): number => {
      const [[originA, hourA], [originB, hourB]] = [a.split(','), b.split(',')];
      return originA === originB ? Number(hourA) - Number(hourB) : originA! < originB! ? -1 : 1;
    };
    expect(readFileSync(hours, 'utf8')).toBe(
      csv('origin,hour,flights,mean_delay,worst_delay,late', hourLines.sort(hourOrder)),
    );
    const dayLines = Array.from(
      groupDelays(flights, ({ at }) => at.slice(0, 10)),
      ([day, delays]) => {
        const next = new Date(Date.parse(day) + 86_400_000).toISOString();
        return `${day}T00:00:00.000Z,${next},${delays.length},${mean(delays)}`;
      },
    );
    expect(readFileSync(days, 'utf8')).toBe(
      csv('window_start,window_end,flights,mean_delay', dayLines.sort()),
    );
  });

  function groupDelays(flights: readonly Flight[], keyOf: (flight: Flight) => string) {
    const groups = new Map<string, number[]>();
    for (const flight of flights) {
      groups.set(keyOf(flight), [...(groups.get(keyOf(flight)) ?? []), flight.delay]);
    }
    return groups;
  }

  /** To one decimal place, halves away from zero. */
  function mean(delays: readonly number[]): string {
    const exact = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
    const rounded = (Math.sign(exact) * Math.round(Math.abs(exact) * 10)) / 10;
    return Object.is(rounded, -0) ? '-0' : `${rounded}`;
  }

  const csv = (header: string, lines: readonly string[]): string =>
    `${header}\n${lines.join('\n')}\n`;
});

describe('examples/streamsql', () => {
  interface Tick {
    /** Milliseconds, with a fraction. */
    readonly at: number;
    readonly symbol: string;
    readonly price: number;
    readonly quantity: number;
  }
  const PROGRAM = readFileSync(join(ROOT, 'examples/streamsql/ticks.ssql'), 'utf8');

  /** The rows that the example's generator makes. */
  async function ticks(): Promise<readonly Tick[]> {
    const { sources } = parseStreamSql(PROGRAM);
    const sinks = { all: { connector: 'embedded', input: 'ticks' } };
    const document = { version: 1, name: 'ticks', sources, sinks };
    await using engine = await Millrace.start(document, { workers: 1 });
    return (await engine.output('all').rows()) as unknown as Tick[];
  }

  test('bars and alarms are those of plain JavaScript', async () => {
    const [bars, alarms] = [join(folder, 'bars.csv'), join(folder, 'alarms.csv')];
    const paths = [`/sinks/written/path=${bars}`, `/sinks/alarms/path=${alarms}`];
    const sets = paths.flatMap((set) => ['--set', set]);
    await outputOf(CLI, 'run', 'examples/streamsql/ticks.ssql', '--quiet', ...sets);

    const groups = new Map<string, Tick[]>();
    for (const tick of await ticks()) {
      if (tick.quantity === 0) continue;
      const since = new Date(Math.floor(tick.at / 10_000) * 10_000).toISOString();
      const key = `${since},${tick.symbol}`;
      groups.set(key, [...(groups.get(key) ?? []), tick]);
    }
    const closes = new Map<string, number>();
    const lines = [...groups.keys()].toSorted().map((key) => {
      const inOrder = groups.get(key)!.toSorted((a, b) => a.at - b.at || a.price - b.price);
      const prices = inOrder.map(({ price }) => price);
      const volume = inOrder.reduce((sum, { quantity }) => sum + quantity, 0);
      closes.set(key, prices.at(-1)!);
      return [key, prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1), volume].join(
        ',',
      );
    });
    expect(lines.length).toBeGreaterThan(100);
    const [header, ...written] = readFileSync(bars, 'utf8').trimEnd().split('\n');
    expect(header).toBe('since,symbol,open,high,low,close,volume');
    expect(written).toEqual(lines);

    const jumps = [...closes].flatMap(([key, close]) => {
      const [since, symbol] = key.split(',') as [string, string];
      const last = new Date(Date.parse(since) - 10_000).toISOString();
      const before = closes.get(`${last},${symbol}`);
      const isJump = before !== undefined && close > before * 1.1;
      return isJump ? [`${symbol},${since},${before},${close}`] : [];
    });
    expect(jumps.length).toBeGreaterThan(1);
    expect(readFileSync(alarms, 'utf8').trimEnd().split('\n').slice(1).toSorted()).toEqual(
      jumps.toSorted(),
    );
  });
});

describe('examples/embed', () => {
  let server: ChildProcess;
  let address = '';
  let output = '';

  beforeAll(async () => {
    server = start('examples/embed/server.ts', '0');
    server.stdout!.on('data', (piece: Buffer) => (output += piece.toString()));
    await vi.waitFor(() => expect(output).toContain('listening on'), { timeout: 10_000 });
    address = /http:\S+/.exec(output)![0];
  });
  afterAll(() => server.kill('SIGKILL'));

  const post = async (body: string): Promise<number> =>
    (await fetch(`${address}/requests`, { method: 'POST', body })).status;
  const pages = async (): Promise<Record<string, unknown>[]> =>
    (await (await fetch(`${address}/pages`)).json()) as Record<string, unknown>[];

  test('takes rows and serves windows while it runs', async () => {
    const start = Date.parse('2026-01-01T12:00:00Z');
    const rows = Array.from({ length: 40 }, (_, i) => ({
      at: start + i * 250,
      page: i % 4 === 0 ? '/search' : '/',
      ms: i,
    }));
    expect(await post(JSON.stringify(rows.slice(0, 30)))).toBe(202);
    for (const row of rows.slice(30)) expect(await post(JSON.stringify(row))).toBe(202);
    await expect.poll(pages, { timeout: 10_000 }).toHaveLength(4);
    const first = (await pages()).filter(({ window_start }) => window_start === start);
    expect(first.toSorted((a, b) => (String(a['page']) < String(b['page']) ? -1 : 1))).toEqual([
      {
        window_start: start,
        window_end: start + 5000,
        page: '/',
        requests: 15,
        mean_ms: 10,
        worst_ms: 19,
      },
      {
        window_start: start,
        window_end: start + 5000,
        page: '/search',
        requests: 5,
        mean_ms: 8,
        worst_ms: 16,
      },
    ]);
  });

  test('refuses what is no row and runs on', async () => {
    expect(await post('{"at": ')).toBe(400);
    expect(await post('{"at": "2026-01-01T12:00:20Z", "page": "/", "ms": "slow"}')).toBe(400);
    expect(await post('{"at": "2026-01-01T12:00:20Z", "page": "/", "ms": 1.5}')).toBe(202);
    expect((await fetch(`${address}/nowhere`)).status).toBe(404);
    const stats = (await (await fetch(`${address}/stats`)).json()) as EngineStats;
    expect(stats.sources['requests']).toMatchObject({ rejected: 0, shed: 0 });
  });

  test('drains when it is asked to end', async () => {
    server.kill('SIGTERM');
    const [status] = (await once(server, 'close')) as [number | null];
    expect(status).toBe(0);
    expect(output).toMatch(/drained: 41 requests, 5 results/);
  });
});

describe('examples/overload', () => {
  test('sheds what is worth least, and says what each class lost', async () => {
    const output = await outputOf('examples/overload/start.ts', '--seconds', '1', '--load', '5');
    const [rate] = /of their value kept/.exec(output) ?? [];
    expect(rate).toBeDefined();
    const rows = [...output.matchAll(/^(gold|silver|basic) +(\d+) +(\d+) +([\d.]+) %$/gm)];
    expect(rows).toHaveLength(3);
    const kept = new Map(rows.map(([, tier, , , percent]) => [tier, Number(percent)]));
    expect(kept.get('gold')).toBeGreaterThan(kept.get('basic')!);
    const [offered, admitted] = [2, 3].map((column) =>
      rows.reduce((sum, row) => sum + Number(row[column]), 0),
    );
    // On a busy machine rows come later than they should.
    expect(admitted!).toBeLessThan(0.9 * offered!);
  });
});
