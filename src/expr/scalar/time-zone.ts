/**
 * Offsets of time zones: of the IANA database that the runtime carries, and fixed ones (`+05:30`).
 *
 * `Intl` says what the clocks of a zone show at an instant. Offsets are asked for at the ends of
 * intervals of two days, and found by bisection where they differ; a stretch of 64 days is asked for
 * once. Before 1800 and after 2500 the offsets of those years hold.
 *
 * @module
 */

import { badArgument, shownText } from '../row-error.ts';
import { daysFromCivil } from './calendar.ts';

const DAY_S = 86_400;
const PROBE_S = 2 * DAY_S;
const STRETCH_S = 64 * DAY_S;
/** Stretches that a zone keeps: more than a thousand years. */
const MOST_STRETCHES = 8192;

/** 1800-01-01: no zone had changed its clocks. */
const FIRST_S = daysFromCivil(1800, 1, 1) * DAY_S;
/** 2500-01-01. */
const LAST_S = daysFromCivil(2500, 1, 1) * DAY_S;

/** Offsets over a stretch of time: `offsets[i]` holds from `starts[i]` on. Seconds. */
interface Stretch {
  readonly starts: readonly number[];
  readonly offsets: readonly number[];
}

/** A time zone. */
export interface TimeZone {
  /** How far its clocks are ahead of UTC at an instant; both in seconds, the instant since 1970. */
  offsetAt(instantS: number): number;
  /** Its name as written. */
  readonly name: string;
}

const FIXED = /^(?:UTC|GMT|Z)?(?:([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?)?$/i;

/**
 * The zone of a name.
 *
 * @throws RowError `badArgument` when there is none
 */
export function timeZone(name: string): TimeZone {
  const trimmed = name.trim();
  const fixed = FIXED.exec(trimmed);
  if (fixed !== null && trimmed !== '') {
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = fixed;
    const magnitude = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
    if (Number(hours) > 18 || Number(minutes) > 59 || Number(seconds) > 59) throw unknown(name);
    const offset = sign === '-' ? -magnitude + 0 : magnitude;
    return { name: trimmed, offsetAt: () => offset };
  }
  return new NamedZone(trimmed);
}

function unknown(name: string): Error {
  return badArgument(
    `${shownText(name)} is no time zone; write 'Europe/Berlin', 'UTC' or '+05:30'`,
  );
}

function formatOf(name: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw unknown(name);
  }
}

class NamedZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #stretches = new Map<number, Stretch>();

  constructor(name: string) {
    this.name = name;
    this.#format = formatOf(name);
  }

  offsetAt(instantS: number): number {
    const at = Math.min(LAST_S, Math.max(FIRST_S, Math.floor(instantS)));
    const number = Math.floor(at / STRETCH_S);
    const { starts, offsets } = this.#stretches.get(number) ?? this.#learn(number);
    let i = starts.length - 1;
    while (i > 0 && starts[i]! > at) i--;
    return offsets[i]!;
  }

  #learn(number: number): Stretch {
    const from = number * STRETCH_S;
    const starts = [from];
    const offsets = [this.#ask(from)];
    for (let low = from; low < from + STRETCH_S; low += PROBE_S) {
      const old = offsets.at(-1)!;
      const next = this.#ask(low + PROBE_S);
      if (next === old) continue;
      starts.push(this.#firstOther(low, low + PROBE_S, old));
      offsets.push(next);
    }
    if (this.#stretches.size >= MOST_STRETCHES) this.#stretches.clear();
    const stretch = { starts, offsets };
    this.#stretches.set(number, stretch);
    return stretch;
  }

  /** The first second from `low` on whose offset is not `old`; `high` is known to have another. */
  #firstOther(low: number, high: number, old: number): number {
    let [before, behind] = [low, high];
    while (behind - before > 1) {
      const middle = Math.floor((before + behind) / 2);
      if (this.#ask(middle) === old) before = middle;
      else behind = middle;
    }
    return behind;
  }

  /** What the clocks show, less UTC. */
  #ask(instantS: number): number {
    const shown = new Map<string, number>();
    for (const { type, value } of this.#format.formatToParts(instantS * 1000)) {
      shown.set(type, Number(value));
    }
    const part = (type: string): number => shown.get(type)!;
    const day = daysFromCivil(part('year'), part('month'), part('day'));
    const clock = (part('hour') * 60 + part('minute')) * 60 + part('second');
    return day * DAY_S + clock - instantS;
  }
}

/** Seconds since 1970, rounded down. */
function secondsOf(us: bigint): number {
  const seconds = us / 1_000_000n;
  return Number(us < seconds * 1_000_000n ? seconds - 1n : seconds);
}

/** What the clocks of a zone show at an instant, as the instant at which those of UTC show it. */
export function toLocal(us: bigint, zone: TimeZone): bigint {
  return us + BigInt(zone.offsetAt(secondsOf(us))) * 1_000_000n;
}

/**
 * The instant at which the clocks of a zone show a time.
 *
 * A time that they show twice is the earlier instant. A time that they skip is as far behind the gap
 * as it would be behind its beginning: the offset from before the gap counts.
 */
export function fromLocal(local: bigint, zone: TimeZone): bigint {
  return local - BigInt(localOffset(secondsOf(local), zone)) * 1_000_000n;
}

/** How far the clocks of a zone are ahead of UTC when they show a time, in whole seconds both. */
export function localOffset(seconds: number, zone: TimeZone): number {
  // Of the offsets a day before and behind, the true one is among; clocks change by a day at most.
  const before = zone.offsetAt(seconds - DAY_S);
  const behind = zone.offsetAt(seconds + DAY_S);
  if (before === behind) return before;
  const larger = Math.max(before, behind);
  if (zone.offsetAt(seconds - larger) === larger) return larger;
  const smaller = Math.min(before, behind);
  return zone.offsetAt(seconds - smaller) === smaller ? smaller : before;
}
