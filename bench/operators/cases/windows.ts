/** Aggregates and the best rows. @module */

import type { BareOperator, OperatorCase, PlainOperator } from '../case.ts';
import type { Row } from '../feed.ts';
import {
  countFloor,
  eachFloor,
  hoppingFloor,
  sessionFloor,
  slidingFloor,
  topFloor,
} from '../floors/windows.ts';

const select = { n: 'COUNT(*)', s: 'SUM(v)', m: 'MAX(x)' };

/** What a group has come to. */
class Group {
  n = 0;
  s = 0;
  m = -Infinity;

  add({ v, x }: Row): void {
    this.n++;
    this.s += v;
    if (x > this.m) this.m = x;
  }
}

function groupOf<Key>(groups: Map<Key, Group>, key: Key): Group {
  let group = groups.get(key);
  if (group === undefined) groups.set(key, (group = new Group()));
  return group;
}

/** Each row in each of its windows: a map of groups for each. */
function hopping(sizeUs: number, slideUs: number): PlainOperator {
  const windows = new Map<number, Map<number, Group>>();
  return {
    batch(rows) {
      for (const row of rows) {
        let start = Math.floor(row.at / slideUs) * slideUs;
        for (; start > row.at - sizeUs; start -= slideUs) {
          let groups = windows.get(start);
          if (groups === undefined) windows.set(start, (groups = new Map()));
          groupOf(groups, row.k).add(row);
        }
      }
    },
    watermark(timeUs, out) {
      for (const [start, groups] of windows) {
        if (start + sizeUs > timeUs) continue;
        windows.delete(start);
        const edges = { window_start: start, window_end: start + sizeUs };
        for (const [k, { n, s, m }] of groups) out.push({ ...edges, k, n, s, m });
      }
    },
  };
}

const timed = { inputs: { rows: ['at', 'k', 'v', 'x'] }, hasTime: true } as const;
const SECOND_US = 1_000_000;

type Window = Extract<BareOperator, { type: 'aggregate' }>['window'];

const aggregateOf = (window: Window): [BareOperator] => [
  { type: 'aggregate', groupBy: ['k'], window, select },
];

/** A case of windows of so many seconds, which begin so many apart. */
function hoppingCase(size: number, slide: number): OperatorCase {
  return {
    name: `aggregate hopping, ${size} s each ${slide} s`,
    ...timed,
    operators: aggregateOf({ type: 'hopping', size: `${size}s`, slide: `${slide}s` }),
    floor: hoppingFloor(size * SECOND_US, slide * SECOND_US),
    plain: () => hopping(size * SECOND_US, slide * SECOND_US),
  };
}

const GAP_US = 50_000;

/** The session of a key that goes on. */
interface Session {
  readonly startUs: number;
  lastUs: number;
  readonly group: Group;
}

function sessions(): PlainOperator {
  const open = new Map<number, Session>();
  const close = (k: number, { startUs, lastUs, group }: Session, out: object[]): void => {
    const { n, s, m } = group;
    out.push({ window_start: startUs, window_end: lastUs + GAP_US, k, n, s, m });
  };
  return {
    batch(rows, out) {
      for (const row of rows) {
        let session = open.get(row.k);
        if (session !== undefined && row.at - session.lastUs >= GAP_US) {
          close(row.k, session, out);
          session = undefined;
        }
        if (session === undefined) {
          session = { startUs: row.at, lastUs: row.at, group: new Group() };
          open.set(row.k, session);
        }
        session.lastUs = row.at;
        session.group.add(row);
      }
    },
    watermark(timeUs, out) {
      for (const [k, session] of open) {
        if (session.lastUs + GAP_US > timeUs) continue;
        close(k, session, out);
        open.delete(k);
      }
    },
  };
}

const untimed = { inputs: { rows: ['k', 'v', 'x'] } } as const;
const COUNT = 10;

function counts(): PlainOperator {
  const groups = new Map<number, Group>();
  return {
    batch(rows, out) {
      for (const row of rows) {
        const group = groupOf(groups, row.k);
        group.add(row);
        if (group.n < COUNT) continue;
        out.push({ k: row.k, n: group.n, s: group.s, m: group.m });
        groups.delete(row.k);
      }
    },
  };
}

/** The last rows of each key, for each row. */
function slidingCounts(): PlainOperator {
  const groups = new Map<number, Row[]>();
  return {
    batch(rows, out) {
      for (const row of rows) {
        let kept = groups.get(row.k);
        if (kept === undefined) groups.set(row.k, (kept = []));
        kept.push(row);
        if (kept.length < COUNT) continue;
        const group = new Group();
        for (const one of kept) group.add(one);
        out.push({ k: row.k, n: group.n, s: group.s, m: group.m });
        kept.shift();
      }
    },
  };
}

/** A running result for each row. */
function eachRow(): PlainOperator {
  const groups = new Map<number, Group>();
  return {
    batch(rows, out) {
      for (const row of rows) {
        const group = groupOf(groups, row.k);
        group.add(row);
        out.push({ k: row.k, n: group.n, s: group.s, m: group.m });
      }
    },
  };
}

const BEST = 10;

/** Sorted arrays of the best by window and key. */
function best(): PlainOperator {
  const windows = new Map<number, Map<number, Row[]>>();
  return {
    batch(rows) {
      for (const row of rows) {
        const start = Math.floor(row.at / SECOND_US) * SECOND_US;
        let groups = windows.get(start);
        if (groups === undefined) windows.set(start, (groups = new Map()));
        let kept = groups.get(row.k);
        if (kept === undefined) groups.set(row.k, (kept = []));
        if (kept.length === BEST && row.x <= kept[BEST - 1]!.x) continue;
        if (kept.length === BEST) kept.pop();
        let place = kept.length;
        while (place > 0 && kept[place - 1]!.x < row.x) place--;
        kept.splice(place, 0, row);
      }
    },
    watermark(timeUs, out) {
      for (const [start, groups] of windows) {
        if (start + SECOND_US > timeUs) continue;
        windows.delete(start);
        const edges = { window_start: start, window_end: start + SECOND_US };
        for (const [k, rows] of groups) {
          // Rows are moved on in time between passes, so a result has no time of its own.
          for (const { id, x } of rows) out.push({ ...edges, k, id, x });
        }
      }
    },
  };
}

/** Every kind of window, and the best rows of each. */
export const windowCases: readonly OperatorCase[] = [
  {
    name: 'aggregate tumbling, 1 s',
    ...timed,
    operators: aggregateOf({ type: 'tumbling', size: '1s' }),
    floor: hoppingFloor(SECOND_US, SECOND_US),
    plain: () => hopping(SECOND_US, SECOND_US),
  },
  hoppingCase(10, 2),
  hoppingCase(100, 2),
  {
    name: 'aggregate sessions, gap of 50 ms',
    ...timed,
    operators: aggregateOf({ type: 'session', gap: '50ms' }),
    floor: sessionFloor(GAP_US),
    plain: sessions,
  },
  {
    name: `aggregate count windows of ${COUNT} rows`,
    ...untimed,
    operators: aggregateOf({ type: 'count', size: COUNT }),
    floor: countFloor(COUNT),
    plain: counts,
  },
  {
    name: `aggregate count windows of ${COUNT} rows, each row`,
    ...untimed,
    operators: aggregateOf({ type: 'count', size: COUNT, slide: 1 }),
    floor: slidingFloor(COUNT),
    plain: slidingCounts,
  },
  {
    name: 'aggregate with a result for each row',
    ...untimed,
    operators: [{ type: 'aggregate', groupBy: ['k'], emit: 'each', select }],
    floor: eachFloor,
    plain: eachRow,
  },
  {
    name: `top ${BEST} of 100 keys each second`,
    inputs: { rows: ['k', 'id', 'x'] },
    hasTime: true,
    operators: [
      {
        type: 'top',
        n: BEST,
        orderBy: ['-x', 'id'],
        groupBy: ['k'],
        window: { type: 'tumbling', size: '1s' },
      },
    ],
    floor: topFloor(BEST, SECOND_US),
    plain: best,
  },
];
