/**
 * Question: what does a whole pipeline (generate → filter → map → keyed tumbling window → output)
 * cost per row on Millrace with one and two workers, beside a plain loop, most, RxJS and Node streams?
 *
 * Every run's answer is compared with arithmetic. Rounds interleave the subjects; medians are
 * printed. `node bench/pipeline/main.ts [--quick] [--json]`
 *
 * @module
 */

import { parseArgs } from 'node:util';
import { runMillrace } from './millrace.ts';
import { PEERS } from './peers.ts';
import { type Answer, expectedAnswer, type PipelineRun } from './workload.ts';

interface Subject {
  readonly subject: string;
  readonly workers: number;
  /** Slow subjects get fewer rows; costs are per row. */
  readonly rows: number;
  readonly run: (rows: number) => Promise<PipelineRun>;
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const rounds = values.quick ? 3 : 7;
const rows = values.quick ? 4_000_000 : 20_000_000;

const subjects: readonly Subject[] = [
  ...[1, 2].map((workers) => ({
    subject: 'millrace',
    workers,
    rows,
    run: (n: number) => runMillrace(n, workers),
  })),
  ...PEERS.map(({ subject, run }) => ({ subject, workers: 1, rows: rows / 10, run })),
];

function isRight(answer: Answer, expected: Answer): boolean {
  return (
    answer.groups === expected.groups &&
    answer.rows === expected.rows &&
    Math.abs(answer.total - expected.total) <= 1e-9 * expected.total
  );
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

const expected = new Map(
  [...new Set(subjects.map((s) => s.rows))].map((n) => [n, expectedAnswer(n)]),
);
const nsPerRow = new Map<Subject, number[]>(subjects.map((subject) => [subject, []]));
let allRight = true;
for (let round = 0; round <= rounds; round++) {
  for (const subject of subjects) {
    const { answer, seconds } = await subject.run(subject.rows);
    if (!isRight(answer, expected.get(subject.rows)!)) {
      allRight = false;
      console.error(`wrong answer: ${subject.subject} ${JSON.stringify(answer)}`);
    }
    // The first round warms up.
    if (round > 0) nsPerRow.get(subject)!.push((seconds * 1e9) / subject.rows);
  }
}

const cost = (subject: Subject): number => median(nsPerRow.get(subject)!);
for (const subject of subjects) {
  const ratio =
    subject.subject === 'millrace'
      ? Object.fromEntries(
          subjects
            .filter((peer) => peer.subject !== 'millrace')
            .map((peer) => [peer.subject, Number((cost(subject) / cost(peer)).toFixed(3))]),
        )
      : undefined;
  const line = {
    bench: 'pipeline',
    case: `filter-map-window workers=${subject.workers}`,
    subject: subject.subject,
    nsPerRow: Number(cost(subject).toFixed(2)),
    events: subject.rows,
    seconds: Number(((cost(subject) * subject.rows) / 1e9).toFixed(3)),
    workers: subject.workers,
    checked: allRight,
    ...(ratio === undefined ? {} : { ratio }),
  };
  if (values.json) console.log(JSON.stringify(line));
  else {
    const ratios = Object.entries(ratio ?? {}).map(([peer, r]) => `${peer} ×${r}`);
    console.log(
      `${subject.subject.padEnd(15)} workers=${subject.workers} ${line.nsPerRow.toFixed(1).padStart(8)} ns/row  ${ratios.join('  ')}`,
    );
  }
}
process.exitCode = allRight ? 0 : 1;
