/** A run as a picture: what was offered, done, how long it took, and at which price. @module */

import type { Trace } from '../trace.ts';
import { dueMs } from './named-trace.ts';
import type { EngineOutcome } from './run-engine.ts';

const WIDTH = 960;
const PANEL_HEIGHT = 150;
const GAP = 34;
const LEFT = 64;
const RIGHT = 16;

interface Line {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [number, number])[];
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
  /** A line across, for a goal. */
  readonly mark?: number;
  readonly isLogarithmic?: boolean;
}

const BIN_MS = 5;

/** An SVG document. */
export function plotRun(trace: Trace, outcome: EngineOutcome, sloMs: number): string {
  const { durationMs, name } = trace.workload;
  const bins = Math.ceil((durationMs + 100) / BIN_MS);
  const offered = new Float64Array(bins);
  const done = new Float64Array(bins);
  const delay = new Float64Array(bins);
  for (let row = 0; row < outcome.doneMs.length; row++) {
    const due = dueMs(trace, row);
    offered[Math.floor(due / BIN_MS)]! += 1 / BIN_MS;
    const doneMs = outcome.doneMs[row]!;
    const bin = Math.floor(doneMs / BIN_MS);
    if (Number.isNaN(doneMs) || bin >= bins) continue;
    done[bin]! += 1 / BIN_MS;
    delay[bin] = Math.max(delay[bin]!, doneMs - due);
  }
  const course = (values: Float64Array): [number, number][] =>
    Array.from(values, (value, bin) => [bin * BIN_MS, value]);
  const prices = outcome.samples.flatMap(({ ms, stats }): [number, number][] => {
    const price = stats.prices?.find(({ worker }) => worker === 1)?.price ?? 0;
    return [[ms, price]];
  });
  const panels: Panel[] = [
    {
      title: 'rows in a millisecond',
      isLogarithmic: true,
      lines: [
        { name: 'offered', colour: '#888888', points: course(offered) },
        { name: 'done', colour: '#0a7d32', points: course(done) },
      ],
    },
    {
      title: 'longest delay of rows done, ms',
      mark: sloMs,
      lines: [{ name: 'delay', colour: '#1550a8', points: course(delay) }],
    },
    {
      title: 'price of a millisecond of work',
      isLogarithmic: true,
      lines: [{ name: 'price', colour: '#b3261e', points: prices }],
    },
  ];
  const height = panels.length * (PANEL_HEIGHT + GAP) + GAP;
  const body = panels.map((panel, i) =>
    drawPanel(panel, GAP + i * (PANEL_HEIGHT + GAP), durationMs + 100),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    `<text x="${LEFT}" y="18" font-size="14">${escapeText(name)}</text>`,
    ...body,
    '</svg>\n',
  ].join('\n');
}

function drawPanel(
  { title, lines, mark, isLogarithmic = false }: Panel,
  top: number,
  endMs: number,
): string {
  const all = lines.flatMap(({ points }) => points.map(([, y]) => y)).filter(Number.isFinite);
  const most = Math.max(mark ?? 0, ...all, 1e-9);
  const least = isLogarithmic
    ? Math.max(most / 1e5, Math.min(...all.filter((y) => y > 0), most))
    : 0;
  const scale = (y: number): number =>
    isLogarithmic
      ? Math.log(Math.max(y, least) / least) / Math.max(1e-9, Math.log(most / least))
      : y / most;
  const x = (ms: number): number => LEFT + (ms / endMs) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => top + PANEL_HEIGHT * (1 - scale(value));
  const at = (n: number): string => n.toFixed(1);
  const parts = [
    `<text x="${LEFT}" y="${top - 6}">${title}</text>`,
    `<rect x="${LEFT}" y="${top}" width="${WIDTH - LEFT - RIGHT}" height="${PANEL_HEIGHT}" fill="none" stroke="#cccccc"/>`,
    `<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${most.toPrecision(3)}</text>`,
    `<text x="${LEFT - 6}" y="${top + PANEL_HEIGHT}" text-anchor="end">${least.toPrecision(2)}</text>`,
    `<text x="${WIDTH - RIGHT}" y="${top + PANEL_HEIGHT + 14}" text-anchor="end">${(endMs / 1000).toFixed(1)} s</text>`,
  ];
  if (mark !== undefined) {
    parts.push(
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(mark))}" y2="${at(y(mark))}" stroke="#b3261e" stroke-dasharray="4 3"/>`,
    );
  }
  lines.forEach(({ name, colour, points }, i) => {
    const path = points.map(([px, py]) => `${at(x(px))},${at(y(py))}`).join(' ');
    parts.push(
      `<polyline points="${path}" fill="none" stroke="${colour}"/>`,
      `<text x="${WIDTH - RIGHT - 4}" y="${top + 14 + 14 * i}" text-anchor="end" fill="${colour}">${name}</text>`,
    );
  });
  return parts.join('\n');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
