import { createAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import { describeKernel } from '../../conformance/kernel.ts';
import type { Step } from '../../support/kernel/run-kernel.ts';
import type { AggregateText } from './aggregate-nodes.ts';
import { cumulating, hopping, schemaOf, sessions, soundPlan, tumbling } from './aggregate-nodes.ts';

const SCHEMA = schemaOf({ ad: 'int32', user: 'string', bid: 'float64', n: 'int64' });

/** Disordered rows of many groups, some of them late, with watermarks between them. */
function script(): Step[] {
  const steps: Step[] = [];
  let greatest = -Infinity;
  for (let i = 0; i < 400; i++) {
    const timeUs = i * 3 - ((i * 37) % 90);
    const lateByUs = Math.max(0, greatest - 60 - timeUs);
    greatest = Math.max(greatest, timeUs);
    const user = i % 11 === 0 ? null : `user number ${i % 7}${i % 3 === 0 ? '' : ' of many'}`;
    const n = i % 13 === 0 ? null : BigInt(i % 5);
    steps.push({ port: 0, row: { values: [i % 4, user, i / 4, n], timeUs, lateByUs } });
    if (i % 50 === 49) steps.push({ port: 0, watermarkUs: greatest - 60 });
  }
  return steps;
}

const subjects: Readonly<Record<string, AggregateText>> = {
  'aggregate, tumbling': {
    window: tumbling(100),
    groupBy: ['user', 'ad'],
    select: { n: 'COUNT(*)', s: 'SUM(bid)', least: 'MIN(user)', d: 'COUNT(DISTINCT n)' },
  },
  'aggregate, hopping': {
    window: hopping(100, 30, 7),
    groupBy: { user: 'user', half: 'ad / 2' },
    select: { s: 'SUM(n) / COUNT(*)', greatest: 'MAX(user)', d: 'SUM(DISTINCT n)' },
  },
  'aggregate, cumulating': {
    window: cumulating(120, 40, -10),
    groupBy: ['user'],
    select: { n: 'COUNT(*)', least: 'MIN(user)', d: 'COUNT(DISTINCT n)' },
  },
  'aggregate, sessions': {
    window: sessions(35),
    groupBy: ['user', 'ad'],
    select: { n: 'COUNT(*)', s: 'SUM(n)' },
  },
  'aggregate, sessions of strings': {
    window: sessions(7),
    select: { n: 'COUNT(*)', greatest: 'MAX(user)' },
  },
  'aggregate, sessions that are revised': {
    window: { ...sessions(20), latenessUs: 100 },
    groupBy: ['user'],
    select: { n: 'COUNT(*)', greatest: 'MAX(user)', d: 'COUNT(DISTINCT n)' },
  },
  'aggregate, early results of sessions': {
    window: sessions(35),
    emit: { kind: 'every', everyUs: 20 },
    groupBy: ['ad'],
    select: { n: 'COUNT(*)', s: 'SUM(n)' },
  },
  'aggregate, changes of sessions': {
    window: { ...sessions(20), latenessUs: 30 },
    emit: { kind: 'change' },
    groupBy: ['ad'],
    select: { n: 'COUNT(*)', greatest: 'MAX(user)' },
  },
  'aggregate, results that are revised': {
    window: { ...hopping(100, 30), latenessUs: 100 },
    groupBy: ['user'],
    select: { n: 'COUNT(*)', greatest: 'MAX(user)', d: 'COUNT(DISTINCT n)' },
  },
  'aggregate, early results': {
    window: tumbling(100),
    emit: { kind: 'every', everyUs: 20 },
    groupBy: ['user', 'ad'],
    select: { s: 'SUM(n)', greatest: 'MAX(user)' },
  },
  'aggregate, changes of windows': {
    window: cumulating(120, 40),
    emit: { kind: 'change' },
    groupBy: ['ad'],
    select: { s: 'SUM(n)', greatest: 'MAX(user)' },
  },
  'aggregate, changes': {
    emit: { kind: 'change' },
    groupBy: ['user'],
    select: { s: 'SUM(n)', greatest: 'MAX(user)' },
    onError: 'deadLetter',
  },
  'aggregate, no groups': { window: tumbling(40), select: { a: 'AVG(bid)' } },
  'aggregate, no window': {
    groupBy: ['user'],
    select: { n: 'COUNT(n)', a: 'AVG(n)', q: 'SUM(bid) FILTER (WHERE ad > 1)' },
  },
  'aggregate, updates at even times': {
    groupBy: ['user', 'ad'],
    emit: { kind: 'every', everyUs: 70 },
    select: { n: 'COUNT(*)', greatest: 'MAX(user)', d: 'COUNT(DISTINCT n)' },
  },
  'aggregate, an update for each row': {
    groupBy: ['user'],
    emit: { kind: 'each' },
    select: { x: '10 / (SUM(n) - 30)', greatest: 'MAX(user)', s: 'SUM(bid)' },
    onError: 'deadLetter',
  },
  'aggregate, dead letters': {
    window: tumbling(100),
    groupBy: { k: '12 / ad' },
    select: { x: '10 / (SUM(n) - 30)' },
    onError: 'deadLetter',
  },
};

/** Rows that are there to stay, but for each fifth: that takes the one two before it back. */
function changingScript(): Step[] {
  const rows = script().filter((step) => 'row' in step);
  return script().map((step) => {
    if (!('row' in step)) return step;
    const i = rows.findIndex(({ row }) => row.timeUs === step.row.timeUs);
    const { row } = i % 5 === 4 ? rows[i - 2]! : step;
    const lateByUs = i % 5 === 4 ? Math.max(row.lateByUs!, 3) : row.lateByUs!;
    return {
      port: 0,
      row: { ...row, lateByUs, values: [...row.values, i % 5 === 4 ? '-D' : '+I'] },
    };
  });
}

const overChanges: Readonly<Record<string, AggregateText>> = {
  'aggregate of changes, tumbling': {
    window: tumbling(100),
    groupBy: ['user'],
    select: { n: 'COUNT(*)', s: 'SUM(n)', least: 'MIN(ad)', d: 'COUNT(DISTINCT n)' },
  },
  'aggregate of changes, revised': {
    window: { ...hopping(100, 30), latenessUs: 100 },
    emit: { kind: 'every', everyUs: 20 },
    groupBy: ['ad'],
    select: { n: 'COUNT(*)', greatest: 'MAX(user)' },
  },
  'aggregate of changes, no window': {
    groupBy: ['ad', 'user'],
    select: { n: 'COUNT(*)', a: 'AVG(n)', greatest: 'MAX(user)' },
  },
};

const CHANGING = [...SCHEMA, { name: 'op', type: { kind: 'string' as const } }];
for (const [name, text] of Object.entries(overChanges)) {
  describeKernel(name, {
    create: createAggregateKernel,
    plan: soundPlan(CHANGING, text, true, SCHEMA.length),
    script: changingScript(),
    keepsOrder: false,
    leastRows: 3,
  });
}

for (const [name, text] of Object.entries(subjects)) {
  describeKernel(name, {
    create: createAggregateKernel,
    plan: soundPlan(SCHEMA, text),
    script: script(),
    keepsOrder: false,
    leastRows: 3,
  });
}
