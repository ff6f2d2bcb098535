/**
 * Writes `serves.jsonl` and `clicks.jsonl`: advertisements that were served with searches, and the clicks
 * on them. Each pair of query and advertisement has a rate of its own; three users are bots, who click
 * on everything they are served.
 */
import { writeFileSync } from 'node:fs';

const SERVES = 20_000;
const QUERIES = ['boots', 'cruise', 'drill', 'guitar', 'hotel', 'kettle'];
const START_MS = Date.UTC(2026, 0, 1);

/** A generator of numbers in [0, 1), the same ones each time (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const draw = random(7);
const serves: string[] = [];
const clicks: { readonly at: number; readonly line: string }[] = [];
for (let serve = 0; serve < SERVES; serve++) {
  const at = START_MS + 30 * serve;
  const q = Math.floor(draw() * QUERIES.length);
  const ad = Math.floor(draw() * 8);
  const isBot = draw() < 0.02;
  const user = isBot ? `bot ${Math.floor(draw() * 3)}` : `user ${Math.floor(draw() * 2000)}`;
  const query = QUERIES[q]!;
  serves.push(JSON.stringify({ at: new Date(at).toISOString(), serve, user, query, ad }));
  const rate = (1 + ((q * 8 + ad) % 10)) / 50;
  if (!isBot && draw() >= rate) continue;
  const clickedAt = at + 100 + Math.floor(draw() * 20_000);
  const line = JSON.stringify({ at: new Date(clickedAt).toISOString(), serve, user });
  clicks.push({ at: clickedAt, line });
}
const inOrder = clicks.toSorted((a, b) => a.at - b.at).map(({ line }) => line);
const folder = new URL('.', import.meta.url);
writeFileSync(new URL('serves.jsonl', folder), `${serves.join('\n')}\n`);
writeFileSync(new URL('clicks.jsonl', folder), `${inOrder.join('\n')}\n`);
console.log(`serves.jsonl: ${serves.length} serves; clicks.jsonl: ${inOrder.length} clicks`);
