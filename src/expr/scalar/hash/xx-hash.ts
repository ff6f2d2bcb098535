/** xxHash of 64 bits (XXH64), in words of 32 bits: bigints would take ten times as long. @module */

import type { Hash64 } from './short.ts';

/** The five primes, high and low word. */
const P1 = [0x9e3779b1, 0x85ebca87] as const;
const P2 = [0xc2b2ae3d, 0x27d4eb4f] as const;
const P3 = [0x165667b1, 0x9e3779f9] as const;
const P4 = [0x85ebca77, 0xc2b2ae63] as const;
const P5 = [0x27d4eb2f, 0x165667c5] as const;

type Words = readonly [high: number, low: number];

/** A number of 64 bits that is computed with in place, modulo 2^64. */
class Word64 implements Hash64 {
  high = 0;
  low = 0;

  set(high: number, low: number): void {
    this.high = high | 0;
    this.low = low | 0;
  }

  add(high: number, low: number): void {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.high = (this.high + high + (sum >= 0x1_0000_0000 ? 1 : 0)) | 0;
    this.low = sum | 0;
  }

  xor(high: number, low: number): void {
    this.high ^= high;
    this.low ^= low;
  }

  /** By schoolbook multiplication of halves of 16 bits, which float64 hold exactly. */
  multiply([high, low]: Words): void {
    const a0 = this.low & 0xffff;
    const a1 = this.low >>> 16;
    const b0 = low & 0xffff;
    const b1 = low >>> 16;
    const p00 = a0 * b0;
    const t = a1 * b0 + Math.floor(p00 / 0x1_0000);
    const u = a0 * b1 + (t & 0xffff);
    const carry = a1 * b1 + Math.floor(t / 0x1_0000) + Math.floor(u / 0x1_0000);
    this.high = (carry + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0;
    this.low = (u << 16) | (p00 & 0xffff);
  }

  /** To the left; `by` from 1 to 31. */
  rotate(by: number): void {
    const { high, low } = this;
    this.high = (high << by) | (low >>> (32 - by));
    this.low = (low << by) | (high >>> (32 - by));
  }

  /** Exclusive or with itself, moved down; `by` from 1 to 63. */
  fold(by: number): void {
    if (by >= 32) this.low ^= this.high >>> (by - 32);
    else {
      this.low ^= (this.low >>> by) | (this.high << (32 - by));
      this.high ^= this.high >>> by;
    }
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Hashes one text after the other; keeps what it computes with. */
export class XxHash64 {
  readonly #hash = new Word64();
  readonly #lane = new Word64();
  readonly #lanes = [new Word64(), new Word64(), new Word64(), new Word64()] as const;

  /** The hash of `bytes[from, to)`; valid until the next call. @hot */
  hash(
    bytes: Uint8Array,
    from: number,
    to: number,
    seedHigh: number,
    seedLow: number,
  ): Readonly<Hash64> {
    const h = this.#hash;
    let at = from;
    if (to - from >= 32) at = this.#stripes(bytes, from, to, seedHigh, seedLow);
    else {
      h.set(seedHigh, seedLow);
      h.add(P5[0], P5[1]);
    }
    h.add(0, to - from);
    for (; at + 8 <= to; at += 8) {
      this.#round(0, 0, bytes, at);
      h.xor(this.#lane.high, this.#lane.low);
      h.rotate(27);
      h.multiply(P1);
      h.add(P4[0], P4[1]);
    }
    this.#tail(bytes, at, to);
    return h;
  }

  /** `lane = rotate(lane + word · P2, 31) · P1` for a word of the text. @hot */
  #round(high: number, low: number, bytes: Uint8Array, at: number): void {
    const lane = this.#lane;
    lane.set(wordAt(bytes, at + 4), wordAt(bytes, at));
    lane.multiply(P2);
    lane.add(high, low);
    lane.rotate(31);
    lane.multiply(P1);
  }

  /** Blocks of 32 bytes, in four lanes that are joined; where they end. @hot */
  #stripes(bytes: Uint8Array, from: number, to: number, seedHigh: number, seedLow: number): number {
    const [a, b, c, d] = this.#lanes;
    for (let i = 0; i < 4; i++) this.#lanes[i]!.set(seedHigh, seedLow);
    a.add(P1[0], P1[1]);
    a.add(P2[0], P2[1]);
    b.add(P2[0], P2[1]);
    d.add(~P1[0], ~P1[1]);
    d.add(0, 1);
    let at = from;
    for (; at + 32 <= to; at += 32) {
      for (let i = 0; i < 4; i++) {
        const lane = this.#lanes[i]!;
        this.#round(lane.high, lane.low, bytes, at + 8 * i);
        lane.set(this.#lane.high, this.#lane.low);
      }
    }
    this.#join(a, b, c, d);
    return at;
  }

  /** @hot */
  #join(a: Word64, b: Word64, c: Word64, d: Word64): void {
    const h = this.#hash;
    const lane = this.#lane;
    h.set(0, 0);
    for (let i = 0; i < 4; i++) {
      const own = i === 0 ? a : i === 1 ? b : i === 2 ? c : d;
      lane.set(own.high, own.low);
      lane.rotate(i === 0 ? 1 : i === 1 ? 7 : i === 2 ? 12 : 18);
      h.add(lane.high, lane.low);
    }
    for (let i = 0; i < 4; i++) {
      const own = i === 0 ? a : i === 1 ? b : i === 2 ? c : d;
      lane.set(own.high, own.low);
      lane.multiply(P2);
      lane.rotate(31);
      lane.multiply(P1);
      h.xor(lane.high, lane.low);
      h.multiply(P1);
      h.add(P4[0], P4[1]);
    }
  }

  /** Less than eight bytes, and the last mixing. @hot */
  #tail(bytes: Uint8Array, from: number, to: number): void {
    const h = this.#hash;
    const lane = this.#lane;
    let at = from;
    if (at + 4 <= to) {
      lane.set(0, wordAt(bytes, at));
      lane.multiply(P1);
      h.xor(lane.high, lane.low);
      h.rotate(23);
      h.multiply(P2);
      h.add(P3[0], P3[1]);
      at += 4;
    }
    for (; at < to; at++) {
      lane.set(0, bytes[at]!);
      lane.multiply(P5);
      h.xor(lane.high, lane.low);
      h.rotate(11);
      h.multiply(P1);
    }
    h.fold(33);
    h.multiply(P2);
    h.fold(29);
    h.multiply(P3);
    h.fold(32);
  }
}
