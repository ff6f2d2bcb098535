/** Addresses: their parts as RFC 3986 splits them, and percent-encoding. @module */

import { badArgument } from '../row-error.ts';

const ADDRESS = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/su;
const AUTHORITY = /^(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/su;

const PARTS = [
  'PROTOCOL',
  'AUTHORITY',
  'USERINFO',
  'HOST',
  'PORT',
  'PATH',
  'FILE',
  'QUERY',
  'REF',
] as const;

/**
 * A part of an address, as written; null when it has none.
 *
 * @throws RowError `badArgument` when there is no part of that name
 */
export function urlPart(url: string, name: string): string | null {
  const part = PARTS.find((known) => known === name.toUpperCase());
  if (part === undefined) {
    throw badArgument(`an address has no part '${name}'; it has ${PARTS.join(', ')}`);
  }
  const [, protocol, authority, path, query, ref] = ADDRESS.exec(url) ?? [];
  switch (part) {
    case 'PROTOCOL':
      return protocol ?? null;
    case 'AUTHORITY':
      return authority ?? null;
    case 'PATH':
      return path ?? null;
    case 'FILE':
      return path === undefined ? null : query === undefined ? path : `${path}?${query}`;
    case 'QUERY':
      return query ?? null;
    case 'REF':
      return ref ?? null;
    default: {
      const place = { USERINFO: 1, HOST: 2, PORT: 3 }[part];
      return AUTHORITY.exec(authority ?? '')?.[place] || null;
    }
  }
}

/** The value of the first entry of a query with a key, as written; null when there is none. */
export function queryValue(query: string, key: string): string | null {
  for (const entry of query.split('&')) {
    const at = entry.indexOf('=');
    if ((at < 0 ? entry : entry.slice(0, at)) === key) return at < 0 ? '' : entry.slice(at + 1);
  }
  return null;
}

/** Everything but the unreserved characters as `%` and the digits of its bytes. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The text, `+` being a blank; `undefined` for a broken `%` or bytes that are not UTF-8. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
