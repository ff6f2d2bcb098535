/** Functions that write bytes as text and read them back, and parts of addresses. @module */

import { BYTES, STRING } from '../../core/types.ts';
import { badArgument, shownText } from '../row-error.ts';
import { bytesOf, fromBase64, fromHex, toBase64, toHex } from '../scalar/byte-text.ts';
import { percentDecoded, percentEncoded, queryValue, urlPart } from '../scalar/url.ts';
import type { Value } from '../value.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always } from './function-spec.ts';

/** The functions of this file. */
export const ENCODING_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['TO_HEX', 'HEX'],
    usage: 'TO_HEX(x)',
    summary:
      "Two lower-case digits for each byte of a string or of bytes; an integer in two's complement without leading zeros.",
    parameters: ['any'],
    required: 1,
    result: ([x]) => {
      const { kind } = x!.type;
      if (kind === 'string' || kind === 'bytes' || kind === 'int32' || kind === 'int64') {
        return STRING;
      }
      throw badArgument(`TO_HEX takes a string, bytes or an integer, not ${kind}`);
    },
    apply: ([x]) => hexOf(x!),
  },
  {
    names: ['FROM_HEX', 'UNHEX'],
    usage: 'FROM_HEX(s)',
    summary: 'The bytes that pairs of hexadecimal digits write.',
    parameters: ['string'],
    required: 1,
    result: always(BYTES),
    apply: ([s]) => decoded(fromHex(s as string), s as string, 'pairs of hexadecimal digits'),
  },
  {
    names: ['TO_BASE64'],
    usage: 'TO_BASE64(x)',
    summary: 'A string or bytes in base64, padded.',
    parameters: ['text'],
    required: 1,
    isTotal: true,
    result: always(STRING),
    apply: ([x]) => toBase64(bytesOf(x as string | Uint8Array)),
  },
  {
    names: ['FROM_BASE64'],
    usage: 'FROM_BASE64(s)',
    summary: 'The bytes of base64 of either alphabet, padded or not; white space is skipped.',
    parameters: ['string'],
    required: 1,
    result: always(BYTES),
    apply: ([s]) => decoded(fromBase64(s as string), s as string, 'base64'),
  },
  {
    names: ['URL_ENCODE'],
    usage: 'URL_ENCODE(s)',
    summary: 'Everything but A-Z, a-z, 0-9, -, ., _ and ~ as % and the digits of its bytes.',
    parameters: ['string'],
    required: 1,
    isTotal: true,
    result: always(STRING),
    apply: ([s]) => percentEncoded(s as string),
  },
  {
    names: ['URL_DECODE'],
    usage: 'URL_DECODE(s)',
    summary: 'What URL_ENCODE wrote; a + is a blank.',
    parameters: ['string'],
    required: 1,
    result: always(STRING),
    apply: ([s]) => decoded(percentDecoded(s as string), s as string, 'percent-encoded UTF-8'),
  },
  {
    names: ['PARSE_URL'],
    usage: "PARSE_URL(url, 'HOST'[, key])",
    summary:
      'A part of an address: PROTOCOL, AUTHORITY, USERINFO, HOST, PORT, PATH, FILE, QUERY or REF, or the value of a key of the query, as written; null when there is none.',
    parameters: ['string', 'string', 'string'],
    required: 2,
    result: always(STRING),
    checkConstant: (position, text) => void (position === 1 && urlPart('', text)),
    apply: ([url, part, key]) =>
      key === undefined
        ? urlPart(url as string, part as string)
        : queryPart(url as string, part as string, key as string),
  },
];

function hexOf(x: Value): string {
  if (typeof x === 'number') return (x >>> 0).toString(16);
  if (typeof x === 'bigint') return BigInt.asUintN(64, x).toString(16);
  return toHex(bytesOf(x as string | Uint8Array));
}

function decoded<Result>(result: Result | undefined, text: string, what: string): Result {
  if (result === undefined) throw badArgument(`${shownText(text)} is not ${what}`);
  return result;
}

function queryPart(url: string, part: string, key: string): string | null {
  if (part.toUpperCase() !== 'QUERY') {
    throw badArgument(`only the QUERY of an address has keys, not its ${part.toUpperCase()}`);
  }
  const query = urlPart(url, 'QUERY');
  return query === null ? null : queryValue(query, key);
}
