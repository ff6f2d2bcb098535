/** Parts of instants, and the beginnings of their units. Timestamps are int64 microseconds. @module */

import type { FunctionBuilder, I32, I64, Value } from '../../../wasm/index.ts';
import { i32, i64, select } from '../../../wasm/index.ts';
import { MIN_INT64 } from '../../scalar/integer.ts';
import type { TypedCall, TypedExpr } from '../../typed.ts';
import type { Lane, Machine, Operation } from '../lanes.ts';
import { Convert, Int64, operation } from '../operations.ts';
import { floorQuotientBy, floorRemainderBy, quotientBy } from './integer.ts';
import type { Rule } from './rule.ts';
import { constantOf } from './rule.ts';

const DAY_US = 86_400_000_000n;
/** Length of a unit in microseconds. */
const UNIT_US: Readonly<Record<string, bigint>> = {
  MICROSECOND: 1n,
  MILLISECOND: 1_000n,
  SECOND: 1_000_000n,
  MINUTE: 60_000_000n,
  HOUR: 3_600_000_000n,
  DAY: DAY_US,
};

/** Which unit a field counts, and how many make the next larger one. */
const CLOCK_FIELDS: Readonly<Record<string, readonly [unitUs: bigint, modulus: bigint]>> = {
  HOUR: [UNIT_US['HOUR']!, 24n],
  MINUTE: [UNIT_US['MINUTE']!, 60n],
  SECOND: [UNIT_US['SECOND']!, 60n],
  MILLISECOND: [UNIT_US['MILLISECOND']!, 1_000n],
  MICROSECOND: [1n, 1_000_000n],
};

/** The rule of `EXTRACT`. */
export function extractRule({ args: [field, operand] }: TypedCall): Rule | undefined {
  const name = nameOf(field);
  if (name === undefined) return undefined;
  if (operand!.type.kind === 'duration') return durationRule(name);
  if (name === 'EPOCH') {
    return (m, [us]) => ({ value: m.apply(floorQuotientBy(UNIT_US['SECOND']!), us!) });
  }
  const clock = CLOCK_FIELDS[name];
  if (clock !== undefined) {
    const [unitUs, modulus] = clock;
    return (m, [us]) => {
      const count = unitUs === 1n ? us! : m.apply(floorQuotientBy(unitUs), us!);
      return {
        value: m.apply(Convert.int64ToInt32, m.apply(floorRemainderBy('i64', modulus), count)),
      };
    };
  }
  const ofDay = DAY_FIELDS[name];
  if (ofDay === undefined) return undefined;
  return (m, [us]) => ({ value: m.apply(ofDay, epochDay(m, us!)) });
}

/** The rule of `DATE_TRUNC`. Near the least timestamp the unit may begin too early. */
export function truncateRule({ args: [unit] }: TypedCall): Rule | undefined {
  const unitUs = UNIT_US[nameOf(unit) ?? ''];
  if (unitUs !== undefined) {
    return (m, [us]) => {
      const count = m.apply(floorQuotientBy(unitUs), us!);
      return beginning(m, us!, m.apply(Int64.mul, count, m.constant('i64', unitUs)));
    };
  }
  const first = FIRST_DAYS[nameOf(unit) ?? ''];
  if (first === undefined) return undefined;
  return (m, [us]) => {
    const day = m.apply(Convert.int32ToInt64, m.apply(first, epochDay(m, us!)));
    return beginning(m, us!, m.apply(Int64.mul, day, m.constant('i64', DAY_US)));
  };
}

function beginning(m: Machine, us: Lane, value: Lane): { value: Lane; fails: Lane } {
  const least = m.constant('i64', MIN_INT64 + 367n * DAY_US);
  return { value, fails: m.apply(Int64.lt, us, least) };
}

function durationRule(name: string): Rule | undefined {
  const second = UNIT_US['SECOND']!;
  if (name === 'EPOCH') return (m, [us]) => ({ value: m.apply(quotientBy('i64', second), us!) });
  if (name === 'DAY') return (m, [us]) => ({ value: m.apply(quotientBy('i64', DAY_US), us!) });
  const clock = CLOCK_FIELDS[name];
  if (clock === undefined) return undefined;
  const [unitUs, modulus] = clock;
  const part = operation('i64', (us: I64) =>
    i64.remS(i64.divS(us, i64.const(unitUs)), i64.const(modulus)),
  );
  return (m, [us]) => ({ value: m.apply(Convert.int64ToInt32, m.apply(part, us!)) });
}

/** The rule of `EPOCH_MS` and its kin: whole units since 1970, rounded down. */
export function epochRule(unitUs: bigint): Rule {
  return (m, [us]) => ({ value: unitUs === 1n ? us! : m.apply(floorQuotientBy(unitUs), us!) });
}

/** The rule of `DATE_BIN` by a constant width from 1970 on. Near the least timestamp it may fail. */
export function binRule({ args: [width, , origin] }: TypedCall): Rule | undefined {
  const us = constantOf(width);
  if (origin !== undefined || typeof us !== 'bigint' || us <= 0n || us >= 1n << 62n) {
    return undefined;
  }
  return (m, [, t]) => {
    const count = us === 1n ? t! : m.apply(floorQuotientBy(us), t!);
    const value = m.apply(Int64.mul, count, m.constant('i64', us));
    return { value, fails: m.apply(Int64.lt, t!, m.constant('i64', MIN_INT64 + us)) };
  };
}

function nameOf(literal: TypedExpr | undefined): string | undefined {
  return literal?.op === 'literal' && typeof literal.value === 'string'
    ? literal.value.toUpperCase()
    : undefined;
}

/** Days since 1970-01-01. */
function epochDay(m: Machine, us: Lane): Lane {
  return m.apply(Convert.int64ToInt32, m.apply(floorQuotientBy(DAY_US), us));
}

interface Civil {
  readonly year: I32;
  readonly month: I32;
  readonly day: I32;
}

const k = (value: number): I32 => i32.const(value);

/** `a / b` rounded down, `b` a positive constant. */
function floorBy(f: FunctionBuilder, a: I32, b: number): I32 {
  const x = f.let(a);
  const rest = i32.remS(x, k(b));
  return f.let(i32.add(i32.divS(x, k(b)), i32.shrS(rest, k(31))));
}

/** The Gregorian date of a day, by eras of 400 years that begin on 1 March. */
function civil(f: FunctionBuilder, epochDays: I32): Civil {
  const z = f.let(i32.add(epochDays, k(719_468)));
  const era = floorBy(f, z, 146_097);
  const dayOfEra = f.let(i32.sub(z, i32.mul(era, k(146_097))));
  const leapDays = i32.sub(
    i32.add(i32.divU(dayOfEra, k(1460)), i32.divU(dayOfEra, k(146_096))),
    i32.divU(dayOfEra, k(36_524)),
  );
  const yearOfEra = f.let(i32.divU(i32.sub(dayOfEra, leapDays), k(365)));
  const daysBefore = i32.sub(
    i32.add(i32.mul(yearOfEra, k(365)), i32.divU(yearOfEra, k(4))),
    i32.divU(yearOfEra, k(100)),
  );
  const dayOfYear = f.let(i32.sub(dayOfEra, daysBefore));
  const march = f.let(i32.divU(i32.add(i32.mul(dayOfYear, k(5)), k(2)), k(153)));
  const monthStart = i32.divU(i32.add(i32.mul(march, k(153)), k(2)), k(5));
  const day = f.let(i32.add(i32.sub(dayOfYear, monthStart), k(1)));
  const month = f.let(select(i32.ltS(march, k(10)), i32.add(march, k(3)), i32.sub(march, k(9))));
  const year = i32.add(i32.add(yearOfEra, i32.mul(era, k(400))), i32.leS(month, k(2)));
  return { year: f.let(year), month, day };
}

/** Days since 1970-01-01 of a date; `month` is 1 to 12. */
function daysFrom(f: FunctionBuilder, year: I32, month: I32): I32 {
  const isEarly = f.let(i32.leS(month, k(2)));
  const y = f.let(i32.sub(year, isEarly));
  const era = floorBy(f, y, 400);
  const yearOfEra = f.let(i32.sub(y, i32.mul(era, k(400))));
  const march = i32.add(i32.sub(month, k(3)), i32.mul(isEarly, k(12)));
  const dayOfYear = i32.divU(i32.add(i32.mul(march, k(153)), k(2)), k(5));
  const dayOfEra = i32.add(
    i32.sub(
      i32.add(i32.mul(yearOfEra, k(365)), i32.divU(yearOfEra, k(4))),
      i32.divU(yearOfEra, k(100)),
    ),
    dayOfYear,
  );
  return f.let(i32.sub(i32.add(i32.mul(era, k(146_097)), dayOfEra), k(719_468)));
}

/** 1 (Monday) to 7. */
function isoDay(f: FunctionBuilder, day: I32): I32 {
  const rest = f.let(i32.remS(i32.add(day, k(3)), k(7)));
  return f.let(i32.add(i32.add(rest, i32.and(i32.shrS(rest, k(31)), k(7))), k(1)));
}

/** The number of a century or millennium; there is none 0. */
function age(year: I32, length: number): I32 {
  const after = i32.divS(i32.add(year, k(length - 1)), k(length));
  const before = i32.sub(k(0), i32.divS(i32.sub(k(length), year), k(length)));
  return select(i32.gtS(year, k(0)), after, before);
}

type DayRule = (day: I32, f: FunctionBuilder) => I32;

const ofDay = (rule: DayRule): Operation => ({
  result: 'i32',
  row: ([day]: readonly Value[], f) => rule(day as I32, f),
});

const quarterMonth = (month: I32): I32 => i32.sub(month, i32.remU(i32.sub(month, k(1)), k(3)));

/** Fields of the calendar, from the day. */
const DAY_FIELDS: Readonly<Record<string, Operation>> = {
  YEAR: ofDay((day, f) => civil(f, day).year),
  QUARTER: ofDay((day, f) => i32.divU(i32.add(civil(f, day).month, k(2)), k(3))),
  MONTH: ofDay((day, f) => civil(f, day).month),
  DAY: ofDay((day, f) => civil(f, day).day),
  DOY: ofDay((day, f) => i32.add(i32.sub(day, daysFrom(f, civil(f, day).year, k(1))), k(1))),
  DECADE: ofDay((day, f) => floorBy(f, civil(f, day).year, 10)),
  CENTURY: ofDay((day, f) => age(civil(f, day).year, 100)),
  MILLENNIUM: ofDay((day, f) => age(civil(f, day).year, 1000)),
  ISOYEAR: ofDay((day, f) => civil(f, f.let(i32.add(i32.sub(day, isoDay(f, day)), k(4)))).year),
  DOW: ofDay((day, f) => i32.remU(isoDay(f, day), k(7))),
  ISODOW: ofDay((day, f) => isoDay(f, day)),
  WEEK: ofDay((day, f) => {
    const thursday = f.let(i32.add(i32.sub(day, isoDay(f, day)), k(4)));
    const first = daysFrom(f, civil(f, thursday).year, k(1));
    return i32.add(i32.divU(i32.sub(thursday, first), k(7)), k(1));
  }),
};

/** The first day of the unit that a day lies in. */
const FIRST_DAYS: Readonly<Record<string, Operation>> = {
  WEEK: ofDay((day, f) => i32.add(i32.sub(day, isoDay(f, day)), k(1))),
  MONTH: ofDay((day, f) => {
    const { year, month } = civil(f, day);
    return daysFrom(f, year, month);
  }),
  QUARTER: ofDay((day, f) => {
    const { year, month } = civil(f, day);
    return daysFrom(f, year, f.let(quarterMonth(month)));
  }),
  YEAR: ofDay((day, f) => daysFrom(f, civil(f, day).year, k(1))),
};
