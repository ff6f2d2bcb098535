/** Places on a sphere as large as the earth, and geohashes. Angles are degrees. @module */

/** The mean radius of the earth, by the IUGG. */
const RADIUS_M = 6_371_008.8;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres along a great circle, by the haversine formula. */
export function distanceM(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const [phi1, phi2] = [radians(lat1), radians(lat2)];
  const sinLat = Math.sin(radians(lat2 - lat1) / 2);
  const sinLon = Math.sin(radians(lon2 - lon1) / 2);
  const h = sinLat * sinLat + Math.cos(phi1) * Math.cos(phi2) * sinLon * sinLon;
  return 2 * RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The first direction of the great circle to the second place, from 0 up to 360. */
export function bearing(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const [phi1, phi2, delta] = [radians(lat1), radians(lat2), radians(lon2 - lon1)];
  const y = Math.sin(delta) * Math.cos(phi2);
  const x = Math.cos(phi1) * Math.sin(phi2) - Math.sin(phi1) * Math.cos(phi2) * Math.cos(delta);
  const degrees = (Math.atan2(y, x) * 180) / Math.PI;
  const turned = degrees < 0 ? degrees + 360 : degrees;
  // A tiny negative angle rounds to a full turn.
  return turned >= 360 ? 0 : turned + 0;
}

const BASE32 = '0123456789bcdefghjkmnpqrstuvwxyz';

/** The geohash of a place: halves of the ranges of longitude and latitude in turn. */
export function geohash(lat: number, lon: number, length: number): string {
  const low = [-180, -90];
  const high = [180, 90];
  let text = '';
  for (let character = 0; character < length; character++) {
    let bits = 0;
    for (let bit = 0; bit < 5; bit++) {
      const axis = (character * 5 + bit) % 2;
      const middle = (low[axis]! + high[axis]!) / 2;
      const isUpper = (axis === 0 ? lon : lat) >= middle;
      (isUpper ? low : high)[axis] = middle;
      bits = bits * 2 + (isUpper ? 1 : 0);
    }
    text += BASE32[bits]!;
  }
  return text;
}

/** Most characters that are read; more would not move the middle. */
const MOST_CHARACTERS = 20;

/** Latitude and longitude of the middle of a geohash in any case; `undefined` when it is none. */
export function geohashCentre(text: string): readonly [number, number] | undefined {
  if (text === '' || text.length > MOST_CHARACTERS) return undefined;
  const low = [-180, -90];
  const high = [180, 90];
  for (const [place, character] of Array.from(text.toLowerCase()).entries()) {
    const bits = BASE32.indexOf(character);
    if (bits < 0) return undefined;
    for (let bit = 0; bit < 5; bit++) {
      const axis = (place * 5 + bit) % 2;
      const middle = (low[axis]! + high[axis]!) / 2;
      ((bits >> (4 - bit)) & 1 ? low : high)[axis] = middle;
    }
  }
  return [(low[1]! + high[1]!) / 2, (low[0]! + high[0]!) / 2];
}
