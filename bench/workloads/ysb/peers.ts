/** The same work by hand: a loop in JavaScript, and one in C++ where there is a compiler. @module */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Run } from './millrace.ts';
import { type Ads, CAMPAIGNS, TEMPLATES, type Tuples, WINDOW_US } from './tuples.ts';

const exec = promisify(execFile);
const CPP = fileURLToPath(new URL('../../peers/ysb.cpp', import.meta.url));
const ADS = fileURLToPath(new URL('./ads.csv', import.meta.url));

/** Somebody else who does the work. */
export interface Peer {
  readonly subject: string;
  run(events: number, startUs: number): Promise<Run>;
}

const wordsOf = ({ columns }: Tuples, name: string): Int32Array => {
  const { buffer, byteOffset, byteLength } = columns.get(name)!;
  return new Int32Array(buffer, byteOffset, byteLength / 4);
};

/** What a program would do for this one query: no batches, no types, one loop. */
export function plainLoop(ads: Ads, tuples: Tuples): Peer {
  const table = new AdTable(ads);
  const eventType = wordsOf(tuples, 'event_type');
  const high = wordsOf(tuples, 'ad_high');
  const low = wordsOf(tuples, 'ad_low');
  const times = new Float64Array(TEMPLATES);
  const VIEW_LENGTH = 4;
  const VIEW_BYTES = Buffer.from('view').readInt32LE();
  const run = (events: number, startUs: number): Run => {
    const counts = new Map<string, number>();
    let views = new Int32Array(CAMPAIGNS);
    let windowEnd = (Math.floor(startUs / WINDOW_US) + 1) * WINDOW_US;
    const close = (): void => {
      const window = windowEnd / WINDOW_US - 1;
      views.forEach((n, campaign) => n > 0 && counts.set(`${window} ${campaign}`, n));
      views = new Int32Array(CAMPAIGNS);
    };
    const startedMs = performance.now();
    for (let first = 0; first < events; first += TEMPLATES) {
      const count = Math.min(TEMPLATES, events - first);
      for (let i = 0; i < count; i++) times[i] = startUs + first + i;
      for (let i = 0; i < count; i++) {
        if (eventType[4 * i] !== VIEW_LENGTH || eventType[4 * i + 1] !== VIEW_BYTES) continue;
        const campaign = table.find(high[2 * i]!, high[2 * i + 1]!, low[2 * i]!, low[2 * i + 1]!);
        if (campaign < 0) continue;
        if (times[i]! >= windowEnd) {
          close();
          windowEnd = (Math.floor(times[i]! / WINDOW_US) + 1) * WINDOW_US;
        }
        views[campaign] = views[campaign]! + 1;
      }
    }
    close();
    return { counts, seconds: (performance.now() - startedMs) / 1000 };
  };
  return {
    subject: 'plain-loop',
    run: (events, startUs) => Promise.resolve(run(events, startUs)),
  };
}

/** Advertisements by id: open addressing, the id's words beside the campaign. */
class AdTable {
  readonly #places = new Int32Array(4096 * 8);

  constructor(ads: Ads) {
    const words = (values: BigInt64Array): Int32Array => new Int32Array(values.buffer);
    const [high, low] = [words(ads.high), words(ads.low)];
    for (let ad = 0; ad < ads.campaign.length; ad++) {
      const id = [high[2 * ad]!, high[2 * ad + 1]!, low[2 * ad]!, low[2 * ad + 1]!];
      let at = placeOf(id[0]!, id[2]!);
      while (this.#places[at + 4] !== 0) at = (at + 8) % this.#places.length;
      this.#places.set([...id, ads.campaign[ad]! + 1], at);
    }
  }

  find(a: number, b: number, c: number, d: number): number {
    const places = this.#places;
    for (let at = placeOf(a, c); ; at = (at + 8) & 32_767) {
      const campaign = places[at + 4]!;
      if (campaign === 0) return -1;
      const differs = (places[at]! ^ a) | (places[at + 1]! ^ b) | (places[at + 2]! ^ c);
      if ((differs | (places[at + 3]! ^ d)) === 0) return campaign - 1;
    }
  }
}

function placeOf(a: number, c: number): number {
  return (Math.imul(a ^ c, 0x9e37_79b1) >>> 20) * 8;
}

/** The C++ loop, compiled for this machine; `undefined` where there is no compiler. */
export async function buildCpp(): Promise<(Peer & { remove(): Promise<void> }) | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-ysb-'));
  const binary = join(folder, 'ysb');
  const remove = (): Promise<void> => rm(folder, { recursive: true });
  try {
    await exec('g++', ['-std=c++17', '-O3', '-march=native', '-o', binary, CPP]);
  } catch (error) {
    await remove();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const ads = await readFile(ADS);
  const run = async (events: number, startUs: number): Promise<Run> => {
    const done = exec(binary, [String(events), String(startUs)], { maxBuffer: 1 << 26 });
    done.child.stdin!.end(ads);
    const [seconds, ...lines] = (await done).stdout.trim().split('\n');
    const counts = new Map(
      lines.map((line) => {
        const [window, campaign, views] = line.split(' ');
        return [`${window} ${campaign}`, Number(views)] as const;
      }),
    );
    return { counts, seconds: Number(seconds) };
  };
  return { subject: 'cpp', run, remove };
}
