/**
 * What each schema knows about the mistakes made with it.
 *
 * zod's own messages name neither the nearest right name nor the house's units, and its issues do
 * not carry the schema they come from. So every schema here sets as its zod message one of these
 * hints, as JSON, and `../shape.ts` turns issue and hint into a sentence.
 *
 * @module
 */

/** The message of a schema. */
export type Hint =
  /** What is expected here: `a duration such as "10s"`. */
  | { readonly kind: 'value'; readonly expected: string }
  /** The properties an object may have, and those that a later version will know. */
  | {
      readonly kind: 'keys';
      readonly known: readonly string[];
      readonly planned: readonly string[];
    }
  /** A choice among names: what they are names of, and those that a later version will know. */
  | { readonly kind: 'option'; readonly noun: string; readonly planned: readonly string[] }
  /** The name of a data type. */
  | { readonly kind: 'type' };

/** A hint in the form in which a zod message carries it. */
export function encodeHint(hint: Hint): string {
  return JSON.stringify(hint);
}

/** The hint of a zod message. A message of zod's own becomes one as it is. */
export function decodeHint(message: string): Hint {
  if (!message.startsWith('{"kind":')) return { kind: 'value', expected: message };
  return JSON.parse(message) as Hint;
}
