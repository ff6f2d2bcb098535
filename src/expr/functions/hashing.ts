/** Hashes of values. Strings count as their bytes in UTF-8. @module */

import { INT32, INT64, STRING } from '../../core/types.ts';
import { bytesOf, toHex } from '../scalar/byte-text.ts';
import { castValue } from '../scalar/cast.ts';
import { md5, sha1, sha256, sha512 } from '../scalar/hash/digests.ts';
import type { Hash64 } from '../scalar/hash/short.ts';
import { crc32, fnv1, fnv1a, hash64, murmur3, signedOf } from '../scalar/hash/short.ts';
import { XxHash64 } from '../scalar/hash/xx-hash.ts';
import type { TypedCall } from '../typed.ts';
import type { Value } from '../value.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always } from './function-spec.ts';

/** The functions of this file. */
export const HASHING_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['HASH'],
    usage: 'HASH(x, …)',
    summary:
      'An int64 for any values: XXHASH64 of what CAST(x AS string) makes of each (bytes count as they are), with a zero byte behind each.',
    parameters: ['any'],
    required: 1,
    isVariadic: true,
    result: always(INT64),
    apply: (args, call) => xxHash(joined(args, call), 0n),
  },
  short('FNV1_64', 'FNV-1 of 64 bits, as an int64.', fnv1),
  short('FNV1A_64', 'FNV-1a of 64 bits, as an int64.', fnv1a),
  short('CRC32', 'The checksum of zip and PNG, from 0 to 4294967295.', crc32),
  {
    names: ['MURMUR3'],
    usage: 'MURMUR3(x[, seed])',
    summary: 'MurmurHash3 of 32 bits, as an int32.',
    parameters: ['text', 'integer'],
    required: 1,
    isTotal: true,
    result: always(INT32),
    apply: ([x, seed]) => {
      const bytes = bytesOf(x as string | Uint8Array);
      return murmur3(bytes, 0, bytes.length, murmurSeed(seed ?? 0));
    },
  },
  {
    names: ['XXHASH64'],
    usage: 'XXHASH64(x[, seed])',
    summary: 'xxHash of 64 bits (XXH64), as an int64.',
    parameters: ['text', 'integer'],
    required: 1,
    isTotal: true,
    result: always(INT64),
    apply: ([x, seed]) => xxHash(bytesOf(x as string | Uint8Array), BigInt((seed ?? 0) as number)),
  },
  digest('MD5', md5),
  digest('SHA1', sha1),
  digest('SHA256', sha256),
  digest('SHA512', sha512),
];

function short(
  name: string,
  summary: string,
  compute: (bytes: Uint8Array, from: number, to: number, out: Hash64) => void,
): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(x)`,
    summary,
    parameters: ['text'],
    required: 1,
    isTotal: true,
    result: always(INT64),
    apply: ([x]) => {
      const bytes = bytesOf(x as string | Uint8Array);
      const hash = hash64();
      compute(bytes, 0, bytes.length, hash);
      return signedOf(hash);
    },
  };
}

/** The low 32 bits of a seed. */
export function murmurSeed(seed: Value): number {
  return Number(BigInt.asIntN(32, BigInt(seed as number)));
}

function xxHash(bytes: Uint8Array, seed: bigint): bigint {
  const [high, low] = [Number(BigInt.asIntN(32, seed >> 32n)), Number(BigInt.asIntN(32, seed))];
  return signedOf(new XxHash64().hash(bytes, 0, bytes.length, high, low));
}

function digest(name: string, compute: (bytes: Uint8Array) => Uint8Array): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(x)`,
    summary: `The ${name} of a string or bytes, in hexadecimal digits.`,
    parameters: ['text'],
    required: 1,
    isTotal: true,
    result: always(STRING),
    apply: ([x]) => toHex(compute(bytesOf(x as string | Uint8Array))),
  };
}

function joined(args: readonly Value[], { args: typed }: TypedCall): Uint8Array {
  const parts = args.map((value, i) =>
    value instanceof Uint8Array
      ? value
      : bytesOf(castValue(value, typed[i]!.type, STRING) as string),
  );
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length + 1, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length + 1;
  }
  return bytes;
}
