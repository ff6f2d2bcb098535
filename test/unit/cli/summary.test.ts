import { describe, expect, test } from 'vitest';
import { summaryLines, summaryObject } from '../../../src/cli/format/summary.ts';
import type { RunSummary } from '../../../src/index.ts';
import { ledger } from './support.ts';

const SUMMARY: RunSummary = {
  name: 'ad-ctr',
  status: 'completed',
  seconds: 2.00000049,
  sources: {
    clicks: ledger({ offered: 1000, admitted: 1000 }),
    views: ledger({ offered: 20, admitted: 15, shed: 4, rejected: 1 }),
  },
  operators: {
    per_ad: { rowsIn: 1000, rowsOut: 10, late: 0, errors: 0 },
    checked: { rowsIn: 15, rowsOut: 1, late: 2, errors: 3 },
  },
  sinks: { out: { rows: 1 } },
};

describe('summaryObject', () => {
  test('has exactly the documented keys, in their order', () => {
    expect(JSON.stringify(summaryObject(SUMMARY))).toBe(
      '{"name":"ad-ctr","status":"completed","seconds":2,' +
        '"sources":{' +
        '"clicks":{"offered":1000,"admitted":1000,"shed":0,"rejected":0,"expired":0,"spilled":0},' +
        '"views":{"offered":20,"admitted":15,"shed":4,"rejected":1,"expired":0,"spilled":0}},' +
        '"operators":{' +
        '"per_ad":{"rowsIn":1000,"rowsOut":10,"late":0},' +
        '"checked":{"rowsIn":15,"rowsOut":1,"late":2,"errors":3}},' +
        '"sinks":{"out":{"rows":1}}}',
    );
  });

  test('leaves out whatever else an engine counts', () => {
    const more = { ...SUMMARY, sinks: { out: { rows: 1, bytes: 2 } }, secret: true };
    expect(summaryObject(more)).toEqual(summaryObject(SUMMARY));
  });
});

describe('summaryLines', () => {
  test('tells what became of the rows', () => {
    expect(summaryLines(SUMMARY)).toEqual([
      'ad-ctr: completed after 2.00 s',
      '  clicks   source    1,000 rows (500/s)',
      '  views    source    20 rows (10/s): 15 admitted, 4 shed, 1 rejected',
      '  per_ad   operator  1,000 in, 10 out',
      '  checked  operator  15 in, 1 out, 2 late, 3 in error',
      '  out      sink      1 row',
    ]);
  });
});
