/** Digests of messages: MD5, SHA-1 and SHA-2 (RFC 1321, FIPS 180-4), for text that is in memory. @module */

/** The fractional bits of a root of each of the first primes, `words` of 32 bits each. */
function fractions(primes: number, root: 2 | 3, words: 1 | 2): Int32Array {
  const out = new Int32Array(primes * words);
  let found = 0;
  for (let n = 2n; found < primes; n++) {
    let isPrime = true;
    for (let d = 2n; d * d <= n; d++) isPrime &&= n % d !== 0n;
    if (!isPrime) continue;
    const bits = rootOf(n << BigInt(32 * words * root), root);
    for (let w = 0; w < words; w++) {
      out[found * words + w] = Number(BigInt.asIntN(32, bits >> BigInt(32 * (words - 1 - w))));
    }
    found++;
  }
  return out;
}

/** The whole part of a square or cube root, by Newton's rule. */
function rootOf(n: bigint, root: 2 | 3): bigint {
  const k = BigInt(root);
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / root));
  for (;;) {
    const next = ((k - 1n) * x + n / x ** (k - 1n)) / k;
    if (next >= x) return x;
    x = next;
  }
}

/** The message, a one bit, zeros, and its length in bits in the last bytes of a block. */
function padded(message: Uint8Array, blockBytes: 64 | 128, isLittleEndian: boolean): DataView {
  const lengthBytes = blockBytes / 8;
  const blocks = Math.ceil((message.length + 1 + lengthBytes) / blockBytes);
  const bytes = new Uint8Array(blocks * blockBytes);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(bytes.length - 8, BigInt(message.length) * 8n, isLittleEndian);
  return view;
}

function digestOf(state: Int32Array, words: number, isLittleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(words * 4));
  for (let i = 0; i < words; i++) view.setInt32(4 * i, state[i]!, isLittleEndian);
  return new Uint8Array(view.buffer);
}

function left(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

const MD5_SINES = Int32Array.from({ length: 64 }, (_, i) =>
  Math.floor(Math.abs(Math.sin(i + 1)) * 0x1_0000_0000),
);
const MD5_TURNS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
/** Where the steps of each quarter of a block begin to read, and how far they go on. */
const MD5_ORDER = [0, 1, 1, 5, 5, 3, 0, 7];
const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

/** MD5: 16 bytes. */
export function md5(message: Uint8Array): Uint8Array {
  const view = padded(message, 64, true);
  const state = Int32Array.from(INITIAL.slice(0, 4));
  for (let block = 0; block < view.byteLength; block += 64) {
    let [a, b, c, d] = state as unknown as [number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const quarter = i >> 4;
      const mixed =
        quarter === 0
          ? (b & c) | (~b & d)
          : quarter === 1
            ? (d & b) | (~d & c)
            : quarter === 2
              ? b ^ c ^ d
              : c ^ (b | ~d);
      const word = (MD5_ORDER[2 * quarter]! + MD5_ORDER[2 * quarter + 1]! * i) & 15;
      const sum = (a + mixed + MD5_SINES[i]! + view.getInt32(block + 4 * word, true)) | 0;
      a = d;
      d = c;
      c = b;
      b = (b + left(sum, MD5_TURNS[4 * quarter + (i & 3)]!)) | 0;
    }
    add(state, [a, b, c, d]);
  }
  return digestOf(state, 4, true);
}

function add(state: Int32Array, words: readonly number[]): void {
  for (let i = 0; i < words.length; i++) state[i] = state[i]! + words[i]!;
}

const SHA1_CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

/** SHA-1: 20 bytes. */
export function sha1(message: Uint8Array): Uint8Array {
  const view = padded(message, 64, false);
  const state = Int32Array.from(INITIAL);
  const w = new Int32Array(80);
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(block + 4 * i);
    for (let i = 16; i < 80; i++) {
      w[i] = left(w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!, 1);
    }
    let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
    for (let i = 0; i < 80; i++) {
      const part = Math.floor(i / 20);
      const mixed =
        part === 0 ? (b & c) | (~b & d) : part === 2 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
      const sum = (left(a, 5) + mixed + e + SHA1_CONSTANTS[part]! + w[i]!) | 0;
      e = d;
      d = c;
      c = left(b, 30);
      b = a;
      a = sum;
    }
    add(state, [a, b, c, d, e]);
  }
  return digestOf(state, 5, false);
}

/** Constants that are computed when they are first needed: most topologies need none. */
function once<Result>(make: () => Result): () => Result {
  let made: Result | undefined;
  return () => (made ??= make());
}

const sha256Constants = once(() => fractions(64, 3, 1));
const sha256Initial = once(() => fractions(8, 2, 1));

/** SHA-256: 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  const view = padded(message, 64, false);
  const state = sha256Initial().slice();
  const w = new Int32Array(64);
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(block + 4 * i);
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const s0 = left(x, 25) ^ left(x, 14) ^ (x >>> 3);
      const s1 = left(y, 15) ^ left(y, 13) ^ (y >>> 10);
      w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
    }
    sha256Block(state, w);
  }
  return digestOf(state, 8, false);
}

function sha256Block(state: Int32Array, w: Int32Array): void {
  const [s0, s1, s2, s3, s4, s5, s6, s7] = state;
  let [a, b, c, d] = [s0!, s1!, s2!, s3!];
  let [e, f, g, h] = [s4!, s5!, s6!, s7!];
  const constants = sha256Constants();
  for (let i = 0; i < 64; i++) {
    const sumE = left(e, 26) ^ left(e, 21) ^ left(e, 7);
    const chosen = (e & f) ^ (~e & g);
    const first = (h + sumE + chosen + constants[i]! + w[i]!) | 0;
    const sumA = left(a, 30) ^ left(a, 19) ^ left(a, 10);
    const most = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + sumA + most) | 0;
  }
  add(state, [a, b, c, d, e, f, g, h]);
}

const sha512Constants = once(() => new BigInt64Array(bigWords(fractions(80, 3, 2))));
const sha512Initial = once(() => new BigInt64Array(bigWords(fractions(8, 2, 2))));

/** Pairs of words as integers of 64 bits. */
function bigWords(words: Int32Array): bigint[] {
  return Array.from(
    { length: words.length / 2 },
    (_, i) => (BigInt(words[2 * i]!) << 32n) | BigInt(words[2 * i + 1]! >>> 0),
  );
}

/** SHA-512: 64 bytes. */
export function sha512(message: Uint8Array): Uint8Array {
  const view = padded(message, 128, false);
  const state = sha512Initial().slice();
  const w = new BigUint64Array(80);
  for (let block = 0; block < view.byteLength; block += 128) {
    for (let i = 0; i < 16; i++) w[i] = view.getBigUint64(block + 8 * i);
    for (let i = 16; i < 80; i++) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const s0 = right(x, 1n) ^ right(x, 8n) ^ (x >> 7n);
      const s1 = right(y, 19n) ^ right(y, 61n) ^ (y >> 6n);
      w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
    }
    sha512Block(state, w);
  }
  const out = new DataView(new ArrayBuffer(64));
  state.forEach((word, i) => out.setBigInt64(8 * i, word));
  return new Uint8Array(out.buffer);
}

function right(word: bigint, by: bigint): bigint {
  return (word >> by) | BigInt.asUintN(64, word << (64n - by));
}

function sha512Block(state: BigInt64Array, w: BigUint64Array): void {
  let [a, b, c, d, e, f, g, h] = Array.from(state, (word) => BigInt.asUintN(64, word)) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const initial = [a, b, c, d, e, f, g, h];
  const constants = sha512Constants();
  for (let i = 0; i < 80; i++) {
    const sumE = right(e, 14n) ^ right(e, 18n) ^ right(e, 41n);
    const chosen = (e & f) ^ (BigInt.asUintN(64, ~e) & g);
    const first = h + sumE + chosen + constants[i]! + w[i]!;
    const sumA = right(a, 28n) ^ right(a, 34n) ^ right(a, 39n);
    const most = (a & b) ^ (a & c) ^ (b & c);
    [h, g, f, e] = [g, f, e, BigInt.asUintN(64, d + first)];
    [d, c, b, a] = [c, b, a, BigInt.asUintN(64, first + sumA + most)];
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = initial[i]! + word;
}
