/** Files with rows, written in many spellings and read back, without the engine's codecs. @module */

import {
  baseOf,
  canonical,
  canonicalText,
  type Cell,
  type Cells,
  decimalText,
  durationText,
  timestampText,
  type Types,
} from './cells.ts';
import type { Random } from './random.ts';

/** How a CSV file is written. */
export interface CsvStyle {
  readonly delimiter?: string;
  readonly nullText?: string;
  readonly lineEnd?: '\n' | '\r\n';
  readonly hasMark?: boolean;
}

/** CSV with quotes where they are needed and, by the dice, where they are not. */
export function csvText(
  types: Types,
  rows: readonly Cells[],
  random: Random,
  style: CsvStyle = {},
): string {
  const { delimiter = ',', nullText = '', lineEnd = '\n', hasMark = false } = style;
  const needsQuotes = (text: string): boolean =>
    text === '' || text === nullText || text.includes(delimiter) || /["\r\n]/.test(text);
  const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const field = (type: string, cell: Cell): string => {
    if (cell === null) return nullText;
    const text = spelling(type, cell, random);
    return needsQuotes(text) || random.chance(0.1) ? quote(text) : text;
  };
  const lines = [Object.keys(types).join(delimiter)];
  for (const row of rows) {
    const fields = Object.entries(types).map(([name, type]) => field(type, row[name]!));
    lines.push(fields.join(delimiter));
  }
  return `${hasMark ? '\uFEFF' : ''}${lines.join(lineEnd)}${lineEnd}`;
}

/** JSON Lines; members in any order, nulls now and then left out. */
export function jsonlText(types: Types, rows: readonly Cells[], random: Random): string {
  const lines = rows.map((row) => {
    const members: string[] = [];
    for (const [name, type] of Object.entries(types)) {
      const cell = row[name]!;
      if (cell === null && random.chance(0.5)) continue;
      const member = `${JSON.stringify(name)}:${jsonMember(type, cell, random)}`;
      if (random.chance(0.5)) members.push(member);
      else members.unshift(member);
    }
    return `{${members.join(random.pick([',', ', ']))}}`;
  });
  return lines.map((line) => `${line}\n`).join('');
}

function jsonMember(type: string, cell: Cell, random: Random): string {
  if (cell === null) return 'null';
  const text = spelling(type, cell, random);
  switch (baseOf(type)) {
    case 'string':
      return random.chance(0.3) ? escaped(text) : JSON.stringify(text);
    case 'bytes':
    case 'duration':
      return JSON.stringify(text);
    case 'timestamp':
      return /^-?\d+$/.test(text) ? text : JSON.stringify(text);
    default:
      return text;
  }
}

/** A JSON string of nothing but escapes: astral characters become pairs. */
function escaped(text: string): string {
  let escapes = '';
  for (let i = 0; i < text.length; i++) {
    escapes += String.raw`\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return `"${escapes}"`;
}

/** One of the texts that stand for a value. */
function spelling(type: string, cell: Cell, random: Random): string {
  switch (baseOf(type)) {
    case 'timestamp':
      return timestampSpelling(cell as number, random);
    case 'decimal':
      return decimalText(cell as bigint, Number(/,(\d+)\)/.exec(type)![1]));
    case 'duration':
      return durationText(cell as number);
    case 'bytes':
      return (cell as Buffer).toString('base64');
    case 'json':
      return JSON.stringify((cell as { json: unknown }).json);
    case 'float64':
      return random.chance(0.2) ? (cell as number).toExponential() : String(cell);
    default:
      return String(cell);
  }
}

function timestampSpelling(us: number, random: Random): string {
  const iso = timestampText(us);
  switch (random.below(us % 1000 === 0 ? 4 : 3)) {
    case 0:
      return iso;
    case 1:
      return iso.slice(0, -1).replace('T', ' ');
    case 2:
      return timestampText(us + 2 * 3_600_000_000).replace('Z', '+02:00');
    default:
      return String(us / 1000);
  }
}

/** The rows of a CSV file, each as one text by which rows can be compared. */
export function readCsv(types: Types, text: string, style: CsvStyle = {}): string[] {
  const { delimiter = ',', nullText = '' } = style;
  const [header, ...records] = csvRecords(text, delimiter);
  const names = Object.keys(types);
  const found = header!.map(({ text }) => text).join('|');
  if (found !== names.join('|')) throw new Error(`header ${found}, not ${names.join('|')}`);
  return records.map((record) => {
    if (record.length !== names.length) throw new Error(`${record.length} fields in a line`);
    return record
      .map(({ text, isQuoted }, c) =>
        !isQuoted && text === nullText ? 'null' : canonicalText(types[names[c]!]!, text),
      )
      .join(' | ');
  });
}

interface CsvField {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Character by character, as RFC 4180 says it. */
function csvRecords(text: string, delimiter: string): CsvField[][] {
  const records: CsvField[][] = [];
  let record: CsvField[] = [];
  let i = 0;
  while (i < text.length) {
    let value = '';
    const isQuoted = text[i] === '"';
    if (isQuoted) {
      for (i++; text[i] !== '"' || text[i + 1] === '"'; i++) {
        if (i >= text.length) throw new Error('a quote is not closed');
        value += text[i]!;
        if (text[i] === '"') i++;
      }
      i++;
    } else {
      while (i < text.length && text[i] !== delimiter && text[i] !== '\n') value += text[i++]!;
    }
    record.push({ text: value, isQuoted });
    if (text[i] === delimiter) {
      i++;
      continue;
    }
    if (text[i] !== '\n') throw new Error(`expected the end of a line at ${i}`);
    i++;
    records.push(record);
    record = [];
  }
  return records;
}

/** The rows of a JSON Lines file, each as one text by which rows can be compared. */
export function readJsonl(types: Types, text: string): string[] {
  const names = Object.keys(types);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const row = parseExactly(line);
      const found = Object.keys(row).join('|');
      if (found !== names.join('|')) throw new Error(`members ${found}, not ${names.join('|')}`);
      return names
        .map((name) => (row[name] === null ? 'null' : fromJson(types[name]!, row[name])))
        .join(' | ');
    });
}

/** A number of a JSON text, with all its digits. */
class Digits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  toJSON(): number {
    return Number(this.text);
  }
}

function parseExactly(line: string): Record<string, unknown> {
  type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
  const keepDigits: Reviver = (_, value, { source }) =>
    typeof value === 'number' ? new Digits(source!) : value;
  return JSON.parse(line, keepDigits as (key: string, value: unknown) => unknown) as Record<
    string,
    unknown
  >;
}

function fromJson(type: string, value: unknown): string {
  if (baseOf(type) === 'json') return canonical(type, { json: JSON.parse(JSON.stringify(value)) });
  if (value instanceof Digits) {
    if (['string', 'bytes', 'timestamp', 'duration', 'bool'].includes(baseOf(type))) {
      throw new Error(`${type} as the number ${value.text}`);
    }
    return canonicalText(type, value.text);
  }
  if (typeof value === 'boolean' && type === 'bool') return String(value);
  if (typeof value === 'string' && !['int32', 'int64', 'float64', 'bool'].includes(type)) {
    return canonicalText(type, value);
  }
  throw new Error(`${type} as ${JSON.stringify(value)}`);
}
