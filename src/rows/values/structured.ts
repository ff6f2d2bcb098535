/**
 * Values of user code as bytes: what JSON has, and `undefined`, bigints, dates, maps, sets, typed arrays and
 * buffers; objects that are referred to twice, or by themselves, stay one.
 *
 * Of an instance of a class its properties would be kept, and its class and private fields lost
 * without a word: such values are refused.
 *
 * @module
 */

/** What a value is; ended by nothing but the value itself. */
const Tag = {
  UNDEFINED: 0,
  NULL: 1,
  FALSE: 2,
  TRUE: 3,
  NUMBER: 4,
  BIGINT: 5,
  STRING: 6,
  /** One of those before, by its number. */
  KNOWN: 7,
  ARRAY: 8,
  OBJECT: 9,
  MAP: 10,
  SET: 11,
  DATE: 12,
  BUFFER: 13,
  /** Behind it which: its place in {@link VIEWS}. */
  VIEW: 14,
} as const;

/** Typed arrays, in an order that stays. */
const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

const MOST_DEPTH = 500;
const FIRST_BYTES = 256;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A value that cannot be written; the message says which and why. */
export class StructuredError extends Error {}

/**
 * Writes a value.
 *
 * @param path - names it, in messages
 * @throws StructuredError for what is more than a value
 */
export function encodeStructured(value: unknown, path: string): Uint8Array<ArrayBuffer> {
  const writer = new StructuredWriter();
  writer.write(value, path, 0);
  return writer.bytes;
}

/** @throws RangeError where the bytes are no value */
export function decodeStructured(bytes: Uint8Array): unknown {
  return new StructuredReader(bytes).read();
}

class StructuredWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;
  /** Objects so far, by number. */
  readonly #known = new Map<object, number>();

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#used);
  }

  write(value: unknown, path: string, depth: number): void {
    switch (typeof value) {
      case 'undefined':
        return this.#tag(Tag.UNDEFINED);
      case 'boolean':
        return this.#tag(value ? Tag.TRUE : Tag.FALSE);
      case 'number':
        this.#tag(Tag.NUMBER);
        return this.#float(value);
      case 'bigint':
        this.#tag(Tag.BIGINT);
        return this.#text(String(value));
      case 'string':
        this.#tag(Tag.STRING);
        return this.#text(value);
      case 'object':
        return value === null ? this.#tag(Tag.NULL) : this.#object(value, path, depth);
      default:
        throw new StructuredError(`${path} is a ${typeof value}`);
    }
  }

  #object(value: object, path: string, depth: number): void {
    const known = this.#known.get(value);
    if (known !== undefined) {
      this.#tag(Tag.KNOWN);
      this.#int(known);
      return;
    }
    if (depth > MOST_DEPTH) throw new StructuredError(`${path} is nested too deeply`);
    this.#known.set(value, this.#known.size);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Array.prototype) this.#array(value as unknown[], path, depth);
    else if (prototype === Object.prototype || prototype === null) this.#plain(value, path, depth);
    else if (prototype === Map.prototype) this.#map(value as Map<unknown, unknown>, path, depth);
    else if (prototype === Set.prototype) this.#set(value as Set<unknown>, path, depth);
    else if (prototype === Date.prototype) {
      this.#tag(Tag.DATE);
      this.#float((value as Date).getTime());
    } else if (prototype === ArrayBuffer.prototype) {
      this.#tag(Tag.BUFFER);
      this.#copy(new Uint8Array(value as ArrayBuffer));
    } else this.#typed(value, prototype, path);
  }

  #array(list: readonly unknown[], path: string, depth: number): void {
    this.#tag(Tag.ARRAY);
    this.#int(list.length);
    for (let i = 0; i < list.length; i++) this.write(list[i], `${path}[${i}]`, depth + 1);
  }

  #plain(value: object, path: string, depth: number): void {
    const entries = Object.entries(value);
    this.#tag(Tag.OBJECT);
    this.#int(entries.length);
    for (const [key, item] of entries) {
      this.#text(key);
      this.write(item, `${path}.${key}`, depth + 1);
    }
  }

  #map(map: Map<unknown, unknown>, path: string, depth: number): void {
    this.#tag(Tag.MAP);
    this.#int(map.size);
    for (const [key, item] of map) {
      this.write(key, `a key of ${path}`, depth + 1);
      this.write(item, `an item of ${path}`, depth + 1);
    }
  }

  #set(set: Set<unknown>, path: string, depth: number): void {
    this.#tag(Tag.SET);
    this.#int(set.size);
    for (const item of set) this.write(item, `an item of ${path}`, depth + 1);
  }

  #typed(value: object, prototype: unknown, path: string): void {
    const kind = VIEWS.findIndex((type) => type.prototype === prototype);
    if (kind < 0) throw new StructuredError(`${path} is an instance of ${nameOf(value)}`);
    const { buffer, byteOffset, byteLength } = value as ArrayBufferView;
    this.#tag(Tag.VIEW);
    this.#tag(kind);
    this.#copy(new Uint8Array(buffer, byteOffset, byteLength));
  }

  #tag(tag: number): void {
    this.#room(1);
    this.#bytes[this.#used++] = tag;
  }

  #int(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#used, value, true);
    this.#used += 4;
  }

  #float(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#used, value, true);
    this.#used += 8;
  }

  #text(text: string): void {
    this.#copy(encoder.encode(text));
  }

  #copy(bytes: Uint8Array): void {
    this.#int(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #room(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, needed));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

class StructuredReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  readonly #known: unknown[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): unknown {
    const tag = this.#tag();
    switch (tag) {
      case Tag.UNDEFINED:
        return undefined;
      case Tag.NULL:
        return null;
      case Tag.FALSE:
        return false;
      case Tag.TRUE:
        return true;
      case Tag.NUMBER:
        return this.#float();
      case Tag.BIGINT:
        return BigInt(this.#text());
      case Tag.STRING:
        return this.#text();
      case Tag.KNOWN:
        return this.#known[this.#int()];
      default:
        return this.#object(tag);
    }
  }

  #object(tag: number): unknown {
    switch (tag) {
      case Tag.ARRAY:
        return this.#array();
      case Tag.OBJECT:
        return this.#plain();
      case Tag.MAP: {
        const map = this.#keep(new Map<unknown, unknown>());
        for (let left = this.#int(); left > 0; left--) map.set(this.read(), this.read());
        return map;
      }
      case Tag.SET: {
        const set = this.#keep(new Set<unknown>());
        for (let left = this.#int(); left > 0; left--) set.add(this.read());
        return set;
      }
      case Tag.DATE:
        return this.#keep(new Date(this.#float()));
      case Tag.BUFFER:
        return this.#keep(this.#copy().buffer);
      case Tag.VIEW: {
        const type = VIEWS[this.#tag()];
        if (type === undefined) throw new RangeError('no such typed array');
        return this.#keep(new type(this.#copy().buffer));
      }
      default:
        throw new RangeError(`no value begins with ${tag}`);
    }
  }

  #array(): unknown[] {
    const list = this.#keep<unknown[]>([]);
    for (let left = this.#int(); left > 0; left--) list.push(this.read());
    return list;
  }

  #plain(): object {
    const object = this.#keep<Record<string, unknown>>({});
    for (let left = this.#int(); left > 0; left--) {
      const key = this.#text();
      const value = this.read();
      // A key may be one that assigning would take for the prototype.
      Object.defineProperty(object, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return object;
  }

  #keep<Item>(item: Item): Item {
    this.#known.push(item);
    return item;
  }

  #tag(): number {
    return this.#view.getUint8(this.#at++);
  }

  #int(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  #float(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  #text(): string {
    return decoder.decode(this.#copy());
  }

  #copy(): Uint8Array<ArrayBuffer> {
    const length = this.#int();
    if (this.#at + length > this.#bytes.length) throw new RangeError(`a length of ${length}`);
    this.#at += length;
    return Uint8Array.from(this.#bytes.subarray(this.#at - length, this.#at));
  }
}

function nameOf(value: object): string {
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.name !== ''
    ? constructor.name
    : 'a class';
}
