/** Integers beyond ±2^53 in the text of a JSON object, which JavaScript's numbers round. @module */

const LONG_INTEGER = /\d{16}/;
const INTEGER = /^-?\d+$/;
const NONE: ReadonlyMap<string, bigint> = new Map();

/** The object's own members that are such integers, by name. The text is JSON. */
export function exactIntegers(text: string): ReadonlyMap<string, bigint> {
  if (!LONG_INTEGER.test(text)) return NONE;
  const found: { readonly holder: unknown; readonly name: string; readonly source: string }[] = [];
  const root: unknown = JSON.parse(text, function visit(
    this: unknown,
    name: string,
    value: unknown,
    context?: { readonly source?: string },
  ): unknown {
    const source = context?.source ?? '';
    const isRounded = typeof value === 'number' && !Number.isSafeInteger(value);
    if (isRounded && INTEGER.test(source)) found.push({ holder: this, name, source });
    return value;
  } as (this: unknown, name: string, value: unknown) => unknown);
  const own = found.filter(({ holder }) => holder === root);
  return new Map(own.map(({ name, source }) => [name, BigInt(source)]));
}
