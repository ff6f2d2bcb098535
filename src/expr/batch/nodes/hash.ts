/** Loops of hashes: over the bytes where they lie. @module */

import { murmurSeed } from '../../functions/hashing.ts';
import type { Hash64 } from '../../scalar/hash/short.ts';
import { crc32, fnv1, fnv1a, hash64, murmur3 } from '../../scalar/hash/short.ts';
import { XxHash64 } from '../../scalar/hash/xx-hash.ts';
import type { TypedCall, TypedExpr } from '../../typed.ts';
import type { RowLoop } from './loop-node.ts';

const HASHES: ReadonlyMap<
  string,
  (bytes: Uint8Array, from: number, to: number, out: Hash64) => void
> = new Map([
  ['FNV1_64', fnv1],
  ['FNV1A_64', fnv1a],
  ['CRC32', crc32],
]);

/** The loop of a hash of strings or bytes; `undefined` when it has none. */
export function hashLoop({ fn, args }: TypedCall): RowLoop | undefined {
  const compute = HASHES.get(fn);
  if (compute !== undefined) {
    const hash = hash64();
    return longLoop((bytes, from, to) => {
      compute(bytes, from, to, hash);
      return hash;
    });
  }
  const seed = seedOf(args[1]);
  if (seed === undefined) return undefined;
  if (fn === 'MURMUR3') {
    const word = murmurSeed(seed);
    return (rows, count, out, [text]) => {
      for (let s = 0; s < count; s++) {
        const row = rows[s]!;
        const from = text!.viewStart(row);
        const to = from + text!.viewLength(row);
        out.words[row] = murmur3(text!.viewSource(row), from, to, word);
      }
      return 0;
    };
  }
  const [high, low] = [Number(BigInt.asIntN(32, seed >> 32n)), Number(BigInt.asIntN(32, seed))];
  const hasher = new XxHash64();
  return longLoop((bytes, from, to) => hasher.hash(bytes, from, to, high, low));
}

function longLoop(
  compute: (bytes: Uint8Array, from: number, to: number) => Readonly<Hash64>,
): RowLoop {
  return (rows, count, out, [text]) => {
    const { words } = out;
    for (let s = 0; s < count; s++) {
      const row = rows[s]!;
      const from = text!.viewStart(row);
      const { high, low } = compute(text!.viewSource(row), from, from + text!.viewLength(row));
      words[2 * row] = low;
      words[2 * row + 1] = high;
    }
    return 0;
  };
}

/** A constant seed, 0 when there is none; `undefined` for another expression. */
function seedOf(seed: TypedExpr | undefined): bigint | undefined {
  if (seed === undefined) return 0n;
  return seed.op === 'literal' && seed.value !== null ? BigInt(seed.value as number) : undefined;
}
