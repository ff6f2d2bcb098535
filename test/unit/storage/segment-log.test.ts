import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath, pid } from 'node:process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SegmentLog } from '../../../src/storage/segment-log.ts';
import { until } from '../../support/until.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-log-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const MIB = 1024 * 1024;

function open(fingerprint = 1, limitBytes = MIB): SegmentLog {
  return new SegmentLog({ directory, limitBytes, segmentBytes: 200, fingerprint });
}

function logFiles(): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .toSorted()
    .map((name) => join(directory, name));
}

const payload = (value: number): Uint8Array => new Uint8Array(50).fill(value);

/** A log of `frames` frames, three to a file, closed. */
function fill(frames: number): void {
  const log = open();
  for (let i = 1; i <= frames; i++) log.append(payload(i), 1);
  log.close();
}

describe('a log', () => {
  test('cuts off an append that was cut short, and counts its bytes', () => {
    fill(5);
    const last = logFiles().at(-1)!;
    truncateSync(last, statSync(last).size - 10);
    const log = open();
    expect(log.tornBytes).toBe(60);
    expect(log.waitingFrames).toBe(4);
    expect(log.append(payload(9), 1)).toBe(5);
    log.close();
  });

  test('takes a file without a header, the last one, for an append that was cut short', () => {
    fill(3);
    writeFileSync(join(directory, '000000000099.log'), 'MR');
    const log = open();
    expect(log.waitingFrames).toBe(3);
    log.close();
    expect(logFiles()).toHaveLength(1);
  });

  test.each([
    ['in a file before the last', 0, 100],
    ['in the last file, before a frame that is whole', 1, 40],
  ])('does not skip damage %s', (_, file, offset) => {
    fill(5);
    const path = logFiles()[file]!;
    const bytes = readFileSync(path);
    bytes[offset]! ^= 1;
    writeFileSync(path, bytes);
    expect(() => open()).toThrow(new RegExp(`${path}' is damaged at byte \\d+`));
    // The lock was given back.
    expect(readdirSync(directory)).not.toContain('lock');
  });

  test('finds damage that is done while it is open', () => {
    fill(2);
    const log = open();
    const [path] = logFiles();
    const bytes = readFileSync(path!);
    bytes[60]! ^= 1;
    writeFileSync(path!, bytes);
    expect(() => log.read()).toThrow(/is damaged at byte 16/);
    log.close();
  });

  test('of other rows is refused', () => {
    fill(1);
    expect(() => open(2)).toThrow(/holds rows of another schema/);
  });

  test('of another program is refused', () => {
    writeFileSync(join(directory, '000000000001.log'), 'something else altogether');
    expect(() => open()).toThrow(/is no log of this version of Millrace/);
  });

  test('has one owner', () => {
    const log = open();
    expect(() => open()).toThrow(new RegExp(`is in use by process ${pid}`));
    log.close();
    open().close();
  });

  test('of a run whose threads are gone is free, of another run it is not', () => {
    const options = { directory, limitBytes: 2 ** 20, fingerprint: 1 };
    const openFor = (runId: string, failedRuns: string[]): SegmentLog =>
      new SegmentLog({ ...options, run: { runId, failedRuns } });
    const lost = openFor('a', []);
    expect(() => openFor('b', ['c'])).toThrow('is in use by process');
    const next = openFor('b', ['a']);
    expect(() => openFor('a', ['c'])).toThrow('is in use by process');
    next.close();
    expect(() => lost.close()).toThrow();
  });

  test('of a process that is gone is free, also when that had our number', () => {
    const lock = join(directory, 'lock');
    writeFileSync(lock, JSON.stringify({ pid, startedAtMs: 12_345 }));
    open().close();
    writeFileSync(lock, '{"pid": ');
    open().close();
  });

  test('says no at its limit, and yes again when frames were released', () => {
    const log = open(1, 600);
    let appended = 0;
    while (log.append(payload(1), 1) > 0) appended++;
    expect(appended).toBe(7);
    for (let i = 0; i < 3; i++) log.read();
    log.release(3);
    expect(log.append(payload(2), 1)).toBe(8);
    log.close();
  });

  test('cannot be made where a file is in the way', () => {
    const file = join(directory, 'file');
    appendFileSync(file, '');
    expect(() => new SegmentLog({ directory: file, limitBytes: 1, fingerprint: 1 })).toThrow(
      /could not be created/,
    );
  });
});

/** Appends frames of a number each and says the numbers, until it is killed. */
const APPENDER = `
import { SegmentLog } from ${JSON.stringify(new URL('../../../src/storage/segment-log.ts', import.meta.url).href)};
import { writeSync } from 'node:fs';
const log = new SegmentLog({ directory: process.argv[1], limitBytes: 2 ** 30, segmentBytes: 5000, fingerprint: 1 });
const payload = new Uint8Array(300);
for (let i = 1; ; i++) {
  payload.fill(i % 251);
  log.append(payload, i);
  writeSync(1, i + '\\n');
}`;

test('what was appended by a process that is killed is there', async () => {
  const child = spawn(execPath, ['--input-type=module', '-e', APPENDER, '--', directory]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = once(child, 'exit');
  await until(() => said.split('\n').length > 100, 'a hundred frames');
  child.kill('SIGKILL');
  await exited;
  const acknowledged = Number(said.trimEnd().split('\n').at(-1));
  const log = new SegmentLog({ directory, limitBytes: MIB * 64, fingerprint: 1 });
  expect(log.waitingFrames).toBeGreaterThanOrEqual(acknowledged);
  expect(log.waitingFrames).toBeLessThanOrEqual(acknowledged + 1);
  for (let i = 1; i <= acknowledged; i++) {
    expect(log.read()).toEqual({
      sequence: i,
      items: i,
      payload: new Uint8Array(300).fill(i % 251),
    });
  }
  log.close();
});
