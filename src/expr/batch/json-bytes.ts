/**
 * The MessagePack bytes of json columns as plain values, and back.
 *
 * Integers beyond ±2^53 are bigints. Map keys that are not strings, extensions and byte strings,
 * which no JSON value has, are refused.
 *
 * @module
 */

import { invariant } from '../../core/invariant.ts';
import type { JsonValue } from '../value.ts';
import { decodeText, TextScratch } from './text-bytes.ts';

/** Reads one value that takes `bytes[start, end)`. */
export function readJson(bytes: Uint8Array, start: number, end: number): JsonValue {
  const reader = new JsonReader(bytes, start, end);
  return reader.value();
}

class JsonReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  value(): JsonValue {
    const lead = this.#bytes[this.#take(1)]!;
    if (lead < 0x80) return lead;
    if (lead < 0x90) return this.#map(lead & 0x0f);
    if (lead < 0xa0) return this.#list(lead & 0x0f);
    if (lead < 0xc0) return this.#text(lead & 0x1f);
    if (lead >= 0xe0) return lead - 0x100;
    return this.#byLead(lead);
  }

  #byLead(lead: number): JsonValue {
    switch (lead) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return this.#view.getFloat32(this.#take(4));
      case 0xcb:
        return this.#view.getFloat64(this.#take(8));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#unsigned(lead - 0xd9));
      case 0xdc:
      case 0xdd:
        return this.#list(this.#unsigned(lead - 0xdc + 1));
      case 0xde:
      case 0xdf:
        return this.#map(this.#unsigned(lead - 0xde + 1));
      default:
        return this.#integer(lead);
    }
  }

  #integer(lead: number): JsonValue {
    switch (lead) {
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#unsigned(lead - 0xcc);
      case 0xcf:
        return narrow(this.#view.getBigUint64(this.#take(8)));
      case 0xd0:
        return this.#view.getInt8(this.#take(1));
      case 0xd1:
        return this.#view.getInt16(this.#take(2));
      case 0xd2:
        return this.#view.getInt32(this.#take(4));
      default:
        invariant(lead === 0xd3, `a json value has the lead byte ${lead}`);
        return narrow(this.#view.getBigInt64(this.#take(8)));
    }
  }

  /** An unsigned integer of 1, 2 or 4 bytes. */
  #unsigned(sizeLog2: number): number {
    if (sizeLog2 === 0) return this.#view.getUint8(this.#take(1));
    return sizeLog2 === 1
      ? this.#view.getUint16(this.#take(2))
      : this.#view.getUint32(this.#take(4));
  }

  #text(length: number): string {
    return decodeText(this.#bytes, this.#take(length), length);
  }

  #list(length: number): JsonValue {
    const list: JsonValue[] = [];
    for (let i = 0; i < length; i++) list.push(this.value());
    return list;
  }

  #map(length: number): JsonValue {
    const map: Record<string, JsonValue> = {};
    for (let i = 0; i < length; i++) {
      const key = this.value();
      invariant(typeof key === 'string' && key !== '__proto__', 'a json value has a strange key');
      map[key] = this.value();
    }
    return map;
  }

  #take(length: number): number {
    const at = this.#at;
    this.#at += length;
    invariant(this.#at <= this.#end, 'a json value ends too early');
    return at;
  }
}

/** A bigint only where a number would not be exact. */
function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Writes json values, one at a time. */
export class JsonWriter {
  bytes = new Uint8Array(256);
  readonly #text = new TextScratch();
  #view = new DataView(this.bytes.buffer);
  #used = 0;

  /** Encodes `value` at the front of {@link bytes}; valid until the next call. @returns its length */
  encode(value: JsonValue): number {
    this.#used = 0;
    this.#value(value);
    return this.#used;
  }

  #value(value: JsonValue): void {
    switch (typeof value) {
      case 'boolean':
        this.#put(value ? 0xc3 : 0xc2);
        break;
      case 'number':
        this.#number(value);
        break;
      case 'bigint':
        this.#bigint(value);
        break;
      case 'string':
        this.#string(value);
        break;
      default:
        if (value === null) this.#put(0xc0);
        else if (Array.isArray(value)) this.#list(value);
        else this.#map(value as Readonly<Record<string, JsonValue>>);
    }
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.#put(0xcb);
      const at = this.#reserve(8);
      this.#view.setFloat64(at, value);
    } else if (value >= -32 && value < 128) {
      this.#put(value & 0xff);
    } else if (value >= -0x8000_0000 && value <= 0x7fff_ffff) {
      this.#put(0xd2);
      const at = this.#reserve(4);
      this.#view.setInt32(at, value);
    } else {
      this.#bigint(BigInt(value));
    }
  }

  #bigint(value: bigint): void {
    this.#put(value < 0n ? 0xd3 : 0xcf);
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value));
  }

  #string(value: string): void {
    const length = this.#text.encode(value);
    this.#lead(length, 0xa0, 32, 0xda);
    const at = this.#reserve(length);
    this.bytes.set(this.#text.bytes.subarray(0, length), at);
  }

  #list(list: readonly JsonValue[]): void {
    this.#lead(list.length, 0x90, 16, 0xdc);
    for (const item of list) this.#value(item);
  }

  #map(map: Readonly<Record<string, JsonValue>>): void {
    const keys = Object.keys(map);
    this.#lead(keys.length, 0x80, 16, 0xde);
    for (const key of keys) {
      this.#string(key);
      this.#value(map[key]!);
    }
  }

  /** A length: in the lead byte if below `short`, else behind it in 2 or 4 bytes. */
  #lead(length: number, lead: number, short: number, lead16: number): void {
    if (length < short) {
      this.#put(lead | length);
      return;
    }
    const isWide = length > 0xffff;
    this.#put(isWide ? lead16 + 1 : lead16);
    const at = this.#reserve(isWide ? 4 : 2);
    if (isWide) this.#view.setUint32(at, length);
    else this.#view.setUint16(at, length);
  }

  /** One byte. Room is made first, which may exchange the bytes. */
  #put(byte: number): void {
    const at = this.#reserve(1);
    this.bytes[at] = byte;
  }

  #reserve(length: number): number {
    const at = this.#used;
    this.#used += length;
    if (this.#used > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.#used, this.bytes.length * 2));
      larger.set(this.bytes);
      this.bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
