/** Views by campaign and window, counted again by a loop over the same tuples. @module */

import { type Ads, CAMPAIGNS, TEMPLATES, type Tuples, VIEW, WINDOW_US } from './tuples.ts';

/** `WINDOW CAMPAIGN` → views; windows are numbered from the epoch. */
export type Counts = ReadonlyMap<string, number>;

/** What a right run gives. */
export function expectedCounts(ads: Ads, tuples: Tuples, events: number, startUs: number): Counts {
  const counts = new Map<string, number>();
  let views = new Float64Array(CAMPAIGNS);
  let window = Math.floor(startUs / WINDOW_US);
  const close = (): void => {
    views.forEach((count, campaign) => {
      if (count > 0) counts.set(`${window} ${campaign}`, count);
    });
    views = new Float64Array(CAMPAIGNS);
  };
  for (let i = 0; i < events; i++) {
    const of = Math.floor((startUs + i) / WINDOW_US);
    if (of !== window) close();
    window = of;
    const template = i % TEMPLATES;
    if (tuples.eventType[template] !== VIEW) continue;
    const campaign = ads.campaign[tuples.ad[template]!]!;
    views[campaign] = views[campaign]! + 1;
  }
  close();
  return counts;
}

/** Whether two counts are the same. */
export function sameCounts(found: Counts, expected: Counts): boolean {
  return (
    found.size === expected.size && [...expected].every(([key, views]) => found.get(key) === views)
  );
}
