/** Recomputes a published draw: SHA-256 (own, since SubtleCrypto is missing on plain http) and splitmix64. */

const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n += 1) if (PRIMES.every((p) => n % p)) PRIMES.push(n);
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) >>> 0;
const K = PRIMES.map((p) => fraction(Math.cbrt(p)));
const START = PRIMES.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
const turn = (x, n) => (x >>> n) | (x << (32 - n));

/** SHA-256 of bytes, as bytes (FIPS 180-4). */
export function sha256(bytes) {
  const length = ((bytes.length + 72) >> 6) << 6;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(length - 4, bytes.length * 8);
  const hash = Uint32Array.from(START);
  const w = new Uint32Array(64);
  for (let block = 0; block < length; block += 64) {
    for (let i = 0; i < 16; i += 1) w[i] = view.getUint32(block + i * 4);
    for (let i = 16; i < 64; i += 1) {
      const a = w[i - 15];
      const b = w[i - 2];
      w[i] = w[i - 16] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + w[i - 7] + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let i = 0; i < 64; i += 1) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((x, i) => { hash[i] += x; });
  }
  const out = new DataView(new ArrayBuffer(32));
  hash.forEach((x, i) => out.setUint32(i * 4, x));
  return new Uint8Array(out.buffer);
}

export const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
export const toHex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/** Whether this seed, hashed `turns` times, is the anchor (both in hex). */
export function verify(anchor, turns, seed) {
  let bytes = fromHex(seed);
  for (let n = 0; n < turns; n += 1) bytes = sha256(bytes);
  return toHex(bytes) === anchor;
}

/** The ticket in [0, 1) of a key (a decimal string of 64 bits) under a seed in hex: splitmix64. */
export function ticket(seed, key) {
  const cut = (x) => BigInt.asUintN(64, x);
  let x = cut(BigInt(key) + BigInt(`0x${seed.slice(0, 16)}`) + 0x9e3779b97f4a7c15n);
  x = cut((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
  x = cut((x ^ (x >> 27n)) * 0x94d049bb133111ebn);
  return Number((x ^ (x >> 31n)) >> 11n) / 2 ** 53;
}

/** Checks a turn as `GET /draws/{chain}/{turn}` tells it. */
export function check(drawn) {
  const lots = drawn.gigs.flatMap((gig) => gig.lots);
  return {
    seed: verify(drawn.anchor, drawn.turn, drawn.seed),
    wrong: lots.filter((lot) => ticket(drawn.seed, lot.key) !== lot.ticket).length,
    lots: lots.length,
  };
}
