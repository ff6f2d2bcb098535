/** Numbers as people read them. Pure. @module */

/** `1,234,567`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

const THOUSANDS = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** At most three digits and a unit: `950`, `1.23k`, `12.3k`, `123k`, `1.23M`. */
export function formatCompact(value: number): string {
  if (value < 999.5) return String(Math.round(value));
  const [scaled, step] = scale(value, 1000, 999.5, THOUSANDS.length - 1);
  return `${threeDigits(scaled)}${THOUSANDS[step]}`;
}

/** Rows per second: `0/s`, `0.25/s`, `9.5/s`, `12/s`, `1.23M/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 9.95) return `${formatCompact(perSecond)}/s`;
  const decimals = perSecond < 1 ? 2 : 1;
  return `${Number(perSecond.toFixed(decimals))}/s`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `0 B`, `512 B`, `1.5 KiB`, `64 MiB`. */
export function formatBytes(bytes: number): string {
  const [scaled, step] = scale(bytes, 1024, 1023.95, BYTE_UNITS.length - 1);
  const text = step === 0 ? String(Math.round(scaled)) : String(Number(scaled.toFixed(1)));
  return `${text} ${BYTE_UNITS[step]}`;
}

/** `12 ms`, `1.25 s`, `12.5 s`, `3 min 05 s`, `2 h 03 min`, `3 d 04 h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(whole, 60, 'min', 1, 's');
  if (whole < 86_400) return pair(whole, 3600, 'h', 60, 'min');
  return pair(whole, 86_400, 'd', 3600, 'h');
}

/** `85 us`, `1.25 ms`, `12.5 ms`; from a tenth of a second on as {@link formatDuration} has it. */
export function formatMicroseconds(microseconds: number): string {
  if (microseconds < 999.5) return `${Math.round(microseconds)} us`;
  const milliseconds = microseconds / 1000;
  if (milliseconds < 9.995) return `${milliseconds.toFixed(2)} ms`;
  return milliseconds < 99.95 ? `${milliseconds.toFixed(1)} ms` : formatDuration(milliseconds);
}

function pair(seconds: number, large: number, unit: string, small: number, rest: string): string {
  const first = Math.floor(seconds / large);
  const second = Math.floor((seconds % large) / small);
  return `${first} ${unit} ${String(second).padStart(2, '0')} ${rest}`;
}

/** `value` divided by `base` until it is below `limit`, and how often. */
function scale(value: number, base: number, limit: number, mostSteps: number): [number, number] {
  let scaled = value;
  let step = 0;
  while (scaled >= limit && step < mostSteps) {
    scaled /= base;
    step += 1;
  }
  return [scaled, step];
}

function threeDigits(value: number): string {
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return value.toFixed(decimals);
}
