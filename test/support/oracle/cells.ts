/**
 * Values of all types as tests write, read and compare them. Written from the description of the
 * file formats; shares nothing with the engine.
 *
 * @module
 */

/**
 * A value: bool as boolean, int32 and float64 as number, int64 as bigint, decimal as bigint in units
 * of its scale, timestamp and duration as number of microseconds, string, bytes as Buffer, JSON
 * wrapped.
 */
export type Cell = null | boolean | number | bigint | string | Buffer | { readonly json: unknown };

/** Column → type, in column order. */
export type Types = Readonly<Record<string, string>>;

/** Column → value. */
export type Cells = Readonly<Record<string, Cell>>;

/** A value as text by which it can be compared; different for different values of a type. */
export function canonical(type: string, cell: Cell): string {
  if (cell === null) return 'null';
  switch (baseOf(type)) {
    case 'decimal':
      return decimalText(cell as bigint, scaleOf(type));
    case 'timestamp':
      return timestampText(cell as number);
    case 'string':
      return JSON.stringify(cell);
    case 'bytes':
      return `bytes ${(cell as Buffer).toString('base64')}`;
    case 'json':
      return `json ${jsonText((cell as { json: unknown }).json)}`;
    case 'float64':
      return Object.is(cell, -0) ? '0' : String(cell);
    default:
      return String(cell);
  }
}

/** The same, from the text that a file has for a value; `isString` if it was quoted there. */
export function canonicalText(type: string, text: string): string {
  switch (baseOf(type)) {
    case 'float64':
      return canonical(type, Number(text));
    case 'string':
      return JSON.stringify(text);
    case 'bytes':
      return `bytes ${text}`;
    case 'json':
      return `json ${jsonText(JSON.parse(text))}`;
    case 'duration':
      return String(durationUs(text));
    default:
      return text;
  }
}

/** The part of a type before its parameters. */
export function baseOf(type: string): string {
  return type.replace(/\(.*/, '');
}

function scaleOf(type: string): number {
  return Number(/,\s*(\d+)\)/.exec(type)![1]);
}

/** All digits, as `-0.05`. */
export function decimalText(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale === 0 ? '' : `.${digits.slice(digits.length - scale)}`;
  return `${units < 0n ? '-' : ''}${whole}${fraction}`;
}

/** `2026-01-01T00:00:10.000Z`, with microseconds only if they are not zero. */
export function timestampText(us: number): string {
  const ms = Math.floor(us / 1000);
  const rest = us - ms * 1000;
  const text = new Date(ms).toISOString();
  return rest === 0 ? text : `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

/** Microseconds of `-P1DT2H3M4.5S`. */
export function durationUs(text: string): number {
  const parts = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,6}))?S)?)?$/.exec(
    text,
  );
  if (parts === null) throw new Error(`no duration: ${text}`);
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = parts;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  const us = whole * 1_000_000 + Number(fraction.padEnd(6, '0'));
  return sign === '-' && us !== 0 ? -us : us;
}

/** ISO 8601 for a duration, all of it in seconds. */
export function durationText(us: number): string {
  const size = Math.abs(us);
  const fraction = String(size % 1_000_000).padStart(6, '0');
  return `${us < 0 ? '-' : ''}PT${Math.floor(size / 1_000_000)}.${fraction}S`;
}

/** JSON with the members of objects in the order of their names. */
function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
