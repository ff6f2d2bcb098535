/** The same pipeline on a plain loop, on most, RxJS and Node streams; rows are objects there. @module */

import { pipeline as streamPipeline } from 'node:stream/promises';
import { Readable, Transform, Writable } from 'node:stream';
import { from as mostFrom } from 'most';
import { from as rxFrom, filter, map } from 'rxjs';
import { KEYS, type PipelineRun, START_MS, type Tick, ticks, WindowSums } from './workload.ts';

const isKept = (tick: Tick): boolean => tick.id % 10 < 7;
const keyed = ({ ts, id }: Tick): Keyed => ({ ts, key: id % KEYS, value: id * 0.5 });

interface Keyed {
  readonly ts: number;
  readonly key: number;
  readonly value: number;
}

/** One way to run the pipeline. */
export interface Peer {
  readonly subject: string;
  run(rows: number): Promise<PipelineRun>;
}

async function timed(work: (sums: WindowSums) => void | Promise<void>): Promise<PipelineRun> {
  const sums = new WindowSums();
  const startedMs = performance.now();
  await work(sums);
  sums.fire();
  return { answer: sums.answer, seconds: (performance.now() - startedMs) / 1000 };
}

/** Peers in the order they are printed. */
export const PEERS: readonly Peer[] = [
  {
    // No objects, no calls between stages: what a program would do by hand for this one query.
    subject: 'plain-loop',
    run: (rows) =>
      timed((sums) => {
        for (let id = 0; id < rows; id++) {
          if (id % 10 < 7) sums.add(START_MS + id, id % KEYS, id * 0.5);
        }
      }),
  },
  {
    subject: 'generator-loop',
    run: (rows) =>
      timed((sums) => {
        for (const tick of ticks(rows)) {
          if (!isKept(tick)) continue;
          const { ts, key, value } = keyed(tick);
          sums.add(ts, key, value);
        }
      }),
  },
  {
    subject: 'most',
    run: (rows) =>
      timed((sums) =>
        mostFrom(ticks(rows) as unknown as ArrayLike<Tick>)
          .filter(isKept)
          .map(keyed)
          .observe(({ ts, key, value }) => sums.add(ts, key, value)),
      ),
  },
  {
    subject: 'rxjs',
    run: (rows) =>
      timed((sums) =>
        rxFrom(ticks(rows))
          .pipe(filter(isKept), map(keyed))
          .forEach(({ ts, key, value }) => sums.add(ts, key, value)),
      ),
  },
  {
    subject: 'node-streams',
    run: (rows) =>
      timed(async (sums) => {
        const where = new Transform({
          objectMode: true,
          transform(tick: Tick, _encoding, done) {
            if (isKept(tick)) this.push(keyed(tick));
            done();
          },
        });
        const sink = new Writable({
          objectMode: true,
          write({ ts, key, value }: Keyed, _encoding, done) {
            sums.add(ts, key, value);
            done();
          },
        });
        await streamPipeline(Readable.from(ticks(rows)), where, sink);
      }),
  },
];
