/** Points and polygons in the plane. @module */

/** x and y; a point may have more coordinates, which are not looked at. */
export type Point = readonly [number, number];

/** Rings of points, closed or not. Points in an odd number of rings are inside. */
export type Polygon = readonly (readonly Point[])[];

/** Whether a point lies inside, or on an edge. */
export function isInPolygon([x, y]: Point, polygon: Polygon): boolean {
  let isInside = false;
  for (const ring of polygon) {
    let [ax, ay] = ring.at(-1)!;
    for (const [bx, by] of ring) {
      const side = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
      const isWithin =
        x >= Math.min(ax, bx) &&
        x <= Math.max(ax, bx) &&
        y >= Math.min(ay, by) &&
        y <= Math.max(ay, by);
      if (side === 0 && isWithin) return true;
      if (ay > y !== by > y && side > 0 === by > ay) isInside = !isInside;
      [ax, ay] = [bx, by];
    }
  }
  return isInside;
}
