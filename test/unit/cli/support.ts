/** An engine's answers, as the tests of this folder write them down. */
import type { EngineStats, SourceCounts, TaskStats } from '../../../src/index.ts';
import { plainPaint, type ProcessEvent, type Signals, type World } from '../../../src/cli/world.ts';

export function task(given: Partial<TaskStats> & Pick<TaskStats, 'node' | 'kind'>): TaskStats {
  return {
    stage: 'whole',
    instance: 0,
    worker: 0,
    rowsIn: 0,
    rowsOut: 0,
    late: 0,
    errors: 0,
    evicted: 0,
    stateBytes: 0,
    spilledRows: 0,
    spilledBytes: 0,
    restoredRows: 0,
    withheld: 0,
    batches: 0,
    rowsPerSecond: 0,
    watermarkMs: null,
    lagMs: null,
    state: 'active',
    latencyUs: null,
    ...given,
  };
}

export function ledger(given: Partial<SourceCounts>): SourceCounts {
  return { offered: 0, admitted: 0, shed: 0, rejected: 0, expired: 0, spilled: 0, ...given };
}

/** A source, an operator of two tasks, a sink; two rings. */
export function sampleStats(): EngineStats {
  return {
    elapsedMs: 12_345,
    clockMs: 61_000,
    edges: [],
    sources: { clicks: ledger({ offered: 1_234_567, admitted: 1_234_560, rejected: 7 }) },
    tasks: [
      task({
        node: 'clicks',
        kind: 'source',
        rowsIn: 1_234_567,
        rowsOut: 1_234_560,
        batches: 1300,
        watermarkMs: 60_000,
      }),
      task({
        node: 'per_ad',
        kind: 'operator',
        rowsIn: 600_000,
        rowsOut: 10,
        late: 3,
        batches: 600,
        watermarkMs: 58_500,
      }),
      task({
        node: 'per_ad',
        kind: 'operator',
        instance: 1,
        worker: 1,
        rowsIn: 634_000,
        rowsOut: 12,
        errors: 2,
        batches: 700,
        watermarkMs: 59_000,
      }),
      task({
        node: 'out',
        kind: 'sink',
        worker: 1,
        rowsIn: 22,
        rowsOut: 22,
        batches: 2,
        latencyUs: { p50: 850, p99: 12_300, p999: 20_000, p9999: 24_000, max: 25_000 },
      }),
    ],
    rings: [
      { from: 'clicks', to: ['per_ad'], slots: 16, usedSlots: 4 },
      { from: 'clicks', to: ['per_ad'], slots: 16, usedSlots: 12 },
    ],
  };
}

/** A world that keeps what is written to it. */
export class FakeWorld implements World {
  readonly env: Record<string, string | undefined> = {};
  readonly paint = plainPaint;
  readonly stdout = new Recorder();
  readonly stderr = new Recorder();
  readonly signals = new FakeSignals();
}

export class Recorder {
  text = '';
  isTTY = false;
  columns = 80;
  rows = 24;

  write(text: string): boolean {
    this.text += text;
    return true;
  }
}

export class FakeSignals implements Signals {
  #listeners: readonly (readonly [event: ProcessEvent, listener: () => void])[] = [];

  on(event: ProcessEvent, listener: () => void): void {
    this.#listeners = [...this.#listeners, [event, listener]];
  }

  off(event: ProcessEvent, listener: () => void): void {
    this.#listeners = this.#listeners.filter(
      (entry) => entry[0] !== event || entry[1] !== listener,
    );
  }

  emit(event: ProcessEvent): void {
    for (const [known, listener] of this.#listeners) if (known === event) listener();
  }

  get count(): number {
    return this.#listeners.length;
  }
}
