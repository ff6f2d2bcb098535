/** Topologies for the tests of the command line. */

export const CLICKS = `ts,user,price
2026-01-01T00:00:01Z,ada,1.5
2026-01-01T00:00:02Z,bob,0
2026-01-01T00:00:11Z,ada,2
2026-01-01T00:00:12Z,cyd,0.25
`;

/** Reads `clicks.csv`, keeps what was paid, counts per ten seconds, writes `out.csv`. */
export function paidClicks(
  change: {
    readonly source?: object;
    readonly sink?: object;
    readonly engine?: object;
  } = {},
): object {
  return {
    version: 1,
    name: 'paid-clicks',
    sources: {
      clicks: {
        connector: 'file',
        path: 'clicks.csv',
        format: 'csv',
        schema: { ts: 'timestamp', user: 'string', price: 'float64' },
        time: { field: 'ts' },
        ...change.source,
      },
    },
    operators: {
      paid: { type: 'filter', input: 'clicks', where: 'price > 0' },
      total: {
        type: 'aggregate',
        input: 'paid',
        window: { type: 'tumbling', size: '10s' },
        select: { n: 'COUNT(*)', spend: 'SUM(price)' },
      },
    },
    sinks: {
      out: {
        input: 'total',
        connector: 'file',
        path: 'out.csv',
        format: 'csv',
        orderBy: ['window_start'],
        ...change.sink,
      },
    },
    engine: { workers: 1, ...change.engine },
  };
}

/** What {@link paidClicks} makes of {@link CLICKS}. */
export const PAID_CLICKS = `window_start,window_end,n,spend
2026-01-01T00:00:00.000Z,2026-01-01T00:00:10.000Z,1,1.5
2026-01-01T00:00:10.000Z,2026-01-01T00:00:20.000Z,2,2.25
`;

/** Numbers without end; `rate` rows per second, as many as can be without it. */
export function endless(rate: number | undefined, sink: object): object {
  return {
    version: 1,
    name: 'endless',
    sources: {
      numbers: {
        connector: 'generator',
        ...(rate === undefined ? {} : { rate }),
        schema: { n: 'int64' },
        fields: { n: { sequence: {} } },
      },
    },
    operators: { even: { type: 'filter', input: 'numbers', where: 'n % 2 = 0' } },
    sinks: { out: { input: 'even', ...sink } },
    engine: { workers: 1 },
  };
}
