/** What the commands see of the outside; tests hand in another one. @module */

import { styleText } from 'node:util';

/** A stream that text is written to. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** How text is made to stand out. */
export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

/** Gives `text` a style, or returns it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

/** What happens to the process. */
export type ProcessEvent = 'SIGINT' | 'SIGTERM' | 'exit';

/** Where listeners for it are added and taken away. */
export interface Signals {
  on(event: ProcessEvent, listener: () => void): unknown;
  off(event: ProcessEvent, listener: () => void): unknown;
}

/** The outside of a command. */
export interface World {
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signals: Signals;
  /** Colours for `stderr`. */
  readonly paint: Paint;
}

/** No colours. */
export const plainPaint: Paint = (_style, text) => text;

/** The process that this is. */
export function processWorld(): World {
  const { stdout, stderr, env } = process;
  return {
    stdout,
    stderr,
    env,
    signals: process,
    // `styleText` knows NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
    paint: (style, text) => styleText(style, text, { stream: stderr }),
  };
}

/** Whether lines on `stderr` may be drawn over. */
export function isLiveTerminal({ stderr, env }: Pick<World, 'stderr' | 'env'>): boolean {
  return stderr.isTTY === true && env['TERM'] !== 'dumb';
}
