/** Where the resident memory of this process lies, on Linux. @module */

import { readFileSync } from 'node:fs';

const KIB = 1024;
const MIB = 1024 * KIB;
/** Neither pages of V8's heap nor blocks of `malloc` are mapped in one piece as large as that. */
const RESERVED_BYTES = 16 * MIB;
/** Blocks of `malloc` on threads begin at multiples of it. */
const MALLOC_BYTES = 64 * MIB;

/** Resident bytes, by kind. */
export interface Resident {
  /** The program and its libraries. */
  readonly files: number;
  /** What V8 compiles. */
  readonly code: number;
  /** Memory that is reserved: rings, state, and columns. */
  readonly reserved: number;
  /** What C++ allocates. */
  readonly malloc: number;
  /** Heaps of V8, and stacks. */
  readonly heaps: number;
}

const HEAD = /^(?<from>[0-9a-f]+)-(?<to>[0-9a-f]+) (?<rights>\S+) \S+ \S+ \S+ *(?<name>.*)$/;
const RSS = /^Rss: +(?<kib>\d+) kB$/;

function kindOf(from: number, bytes: number, rights: string, name: string): keyof Resident {
  if (name.startsWith('/')) return 'files';
  if (rights.includes('x')) return 'code';
  if (name === '[heap]') return 'malloc';
  if (from % MALLOC_BYTES === 0 && bytes < MALLOC_BYTES) return 'malloc';
  return bytes >= RESERVED_BYTES ? 'reserved' : 'heaps';
}

/** `undefined` where the system does not say. */
export function residentMemory(): Resident | undefined {
  let text: string;
  try {
    text = readFileSync('/proc/self/smaps', 'utf8');
  } catch {
    return undefined;
  }
  const found = { files: 0, code: 0, reserved: 0, malloc: 0, heaps: 0 };
  let kind: keyof Resident = 'files';
  for (const line of text.split('\n')) {
    const head = HEAD.exec(line)?.groups;
    if (head !== undefined) {
      const from = Number.parseInt(head['from']!, 16);
      const bytes = Number.parseInt(head['to']!, 16) - from;
      kind = kindOf(from, bytes, head['rights']!, head['name']!);
      continue;
    }
    const rss = RSS.exec(line)?.groups;
    if (rss !== undefined) found[kind] += Number(rss['kib']) * KIB;
  }
  return found;
}
