/** Hashes of values. Strings count as their bytes in UTF-8. @module */

import { INT32, INT64, STRING } from '../../core/types.ts';
import { bytesOf, toHex } from '../scalar/byte-text.ts';
import { castValue } from '../scalar/cast.ts';
import { md5, sha1, sha256, sha512 } from '../scalar/hash/digests.ts';
import { crc32, fnv1aOf64, fnv1Of64, murmur3, xxHash64 } from '../scalar/hash/short.ts';
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
    apply: (args, call) => xxHash64(joined(args, call), 0n),
  },
  short('FNV1_64', 'FNV-1 of 64 bits, as an int64.', fnv1Of64),
  short('FNV1A_64', 'FNV-1a of 64 bits, as an int64.', fnv1aOf64),
  short('CRC32', 'The checksum of zip and PNG, from 0 to 4294967295.', (bytes) =>
    BigInt(crc32(bytes)),
  ),
  {
    names: ['MURMUR3'],
    usage: 'MURMUR3(x[, seed])',
    summary: 'MurmurHash3 of 32 bits, as an int32.',
    parameters: ['text', 'integer'],
    required: 1,
    isTotal: true,
    result: always(INT32),
    apply: ([x, seed]) =>
      murmur3(
        bytesOf(x as string | Uint8Array),
        Number(BigInt.asIntN(32, BigInt((seed ?? 0) as number))),
      ),
  },
  {
    names: ['XXHASH64'],
    usage: 'XXHASH64(x[, seed])',
    summary: 'xxHash of 64 bits (XXH64), as an int64.',
    parameters: ['text', 'integer'],
    required: 1,
    isTotal: true,
    result: always(INT64),
    apply: ([x, seed]) =>
      xxHash64(bytesOf(x as string | Uint8Array), BigInt((seed ?? 0) as number)),
  },
  digest('MD5', md5),
  digest('SHA1', sha1),
  digest('SHA256', sha256),
  digest('SHA512', sha512),
];

function short(
  name: string,
  summary: string,
  compute: (bytes: Uint8Array) => bigint,
): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(x)`,
    summary,
    parameters: ['text'],
    required: 1,
    isTotal: true,
    result: always(INT64),
    apply: ([x]) => compute(bytesOf(x as string | Uint8Array)),
  };
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
