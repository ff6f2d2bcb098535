/** What a kernel leaves out. @module */

import { describe, expect, test } from 'vitest';
import { goOn, tellEnd, tellWatermark } from '../../../src/core/kernel-calls.ts';
import type { Kernel } from '../../../src/core/operator.ts';
import { TestOutbox } from '../../support/kernel/test-outbox.ts';

const LEAST: Kernel = { onBatch: () => 'done' };

function outbox(): TestOutbox {
  return new TestOutbox([{ name: 'out', stream: { schema: [], hasTime: true } }], {
    rowCapacity: 64,
  });
}

describe('a kernel that only takes rows', () => {
  test('passes watermarks on', () => {
    const out = outbox();
    out.beginCall();
    const progress = tellWatermark(LEAST, 1, 7, out);
    out.endCall(progress);
    expect(progress).toBe('done');
    expect(out.events).toEqual([{ kind: 'watermark', watermarkUs: 7 }]);
  });

  test('has nothing to do at the end', () => {
    const out = outbox();
    expect(tellEnd(LEAST, 0, out)).toBe('done');
    expect(out.events).toEqual([]);
  });

  test('leaves nothing unfinished', () => {
    expect(() => goOn(LEAST, outbox())).toThrow('left one unfinished');
  });
});

test('what a kernel has is called, as a method of it', () => {
  const calls: unknown[] = [];
  const kernel: Kernel = {
    onBatch: () => 'done',
    onWatermark(port, watermarkUs) {
      calls.push([this, port, watermarkUs]);
      return 'yielded';
    },
    onEnd(port) {
      calls.push([this, port]);
      return 'blocked';
    },
    resume() {
      calls.push([this]);
      return 'done';
    },
  };
  const out = outbox();
  expect(tellWatermark(kernel, 1, 5, out)).toBe('yielded');
  expect(tellEnd(kernel, 2, out)).toBe('blocked');
  expect(goOn(kernel, out)).toBe('done');
  expect(calls).toEqual([[kernel, 1, 5], [kernel, 2], [kernel]]);
  expect(out.events).toEqual([]);
});
