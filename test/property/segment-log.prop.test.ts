/** A log on disk against a list in memory: any calls, with any number of ends of the process between them. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { SegmentLog } from '../../src/storage/segment-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LIMIT_BYTES = 3000;
const options = (directory: string) => ({
  directory,
  limitBytes: LIMIT_BYTES,
  segmentBytes: 400,
  fingerprint: 7,
  remembersReads: true,
});

type Step =
  | { readonly call: 'append'; readonly bytes: number; readonly items: number }
  | { readonly call: 'read' | 'crash' | 'reopen' }
  | { readonly call: 'release'; readonly back: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      call: fc.constant('append' as const),
      bytes: fc.nat(300),
      items: fc.nat(9),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ call: 'read' as const }) },
  { weight: 3, arbitrary: fc.record({ call: fc.constant('release' as const), back: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant({ call: 'reopen' as const }) },
  { weight: 1, arbitrary: fc.constant({ call: 'crash' as const }) },
);

interface Kept {
  readonly sequence: number;
  readonly items: number;
  readonly payload: Uint8Array;
}

const total = (frames: readonly Kept[]): number =>
  frames.reduce((sum, { items }) => sum + items, 0);

let runs = 0;

test('a log gives what was appended and not released, in order, whatever ends its process', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let directory = join(folder, String(runs++));
      let log = new SegmentLog(options(directory));
      let kept: Kept[] = [];
      let read = 0;
      /** The last frame that anybody has ever read. */
      let lastRead = 0;
      let last = 0;
      for (const next of steps) {
        if (next.call === 'append') {
          const payload = new Uint8Array(next.bytes).map((_, i) => i * 31 + next.items);
          const sequence = log.append(payload, next.items);
          if (sequence === 0) {
            expect(log.bytes + 20 + 16 + next.bytes).toBeGreaterThan(LIMIT_BYTES);
          } else {
            expect(sequence).toBe(last + 1);
            last = sequence;
            kept.push({ sequence, items: next.items, payload });
          }
        } else if (next.call === 'read') {
          const frame = log.read();
          expect(frame).toEqual(kept[read]);
          if (frame !== undefined) read++;
          lastRead = Math.max(lastRead, frame?.sequence ?? 0);
        } else if (next.call === 'release') {
          const upTo = Math.max(0, read - next.back);
          if (upTo > 0) log.release(kept[upTo - 1]!.sequence);
          kept = kept.slice(upTo);
          read -= upTo;
        } else {
          if (next.call === 'reopen') {
            log.close();
          } else {
            // What a killed process leaves: the files as they are, with the lock of nobody.
            const copy = join(folder, String(runs++));
            cpSync(directory, copy, { recursive: true });
            rmSync(join(copy, 'lock'));
            log.close();
            directory = copy;
          }
          log = new SegmentLog(options(directory));
          expect(log.tornBytes).toBe(0);
          const reread = kept.filter(({ sequence }) => sequence <= lastRead);
          expect(log.rereadItems).toBe(total(reread));
          read = 0;
        }
        expect(log.bytes).toBeLessThanOrEqual(LIMIT_BYTES);
        expect(log.waitingFrames).toBe(kept.length - read);
        expect(log.waitingItems).toBe(total(kept.slice(read)));
      }
      log.close();
      rmSync(directory, { recursive: true });
    }),
    { numRuns: 150 },
  );
});
