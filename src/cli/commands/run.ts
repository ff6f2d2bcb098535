/** `millrace run`. @module */

import type { Command } from 'commander';
import {
  type CliCommand,
  addCommand,
  declareTopologyOptions,
  loadOptions,
  type TopologyOptions,
  wholeNumber,
} from '../command.ts';
import { ExitStatus, UsageError } from '../exit-status.ts';
import { exitStatusOf, report } from '../failure.ts';
import { summaryObject } from '../format/summary.ts';
import { Session, type SessionOptions } from '../run/session.ts';
import { onStopSignals } from '../run/stop-signals.ts';
import { watchForChanges } from '../run/watch-file.ts';
import type { World } from '../world.ts';
import type { AllowedCommands } from '../../index.ts';

interface RunOptions extends TopologyOptions {
  readonly duration?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly watch?: boolean;
  readonly metricsPort?: number;
  readonly verbose?: boolean;
  readonly allowCommand?: AllowedCommands;
}

const HELP = `
The first SIGINT or SIGTERM ends the sources and delivers everything that is in
(status "stopped", exit status 0); a second one stops at once and leaves output
files as they were (exit status 1).

--json prints one object on standard output when the run has ended, also after a
failure: {"name", "status": "completed" | "stopped" | "failed", "seconds",
"sources", "operators", "sinks"}; nothing if the topology is refused. A sink with
connector "stdout" writes there as well; the object is then the last line.`;

/** Runs a topology until its sources end or somebody asks it to stop. */
export const runCommand: CliCommand = {
  name: 'run',
  summary: 'run a topology until its sources end, or until Ctrl-C',

  declare(command: Command): void {
    declareTopologyOptions(command.argument('<file>', 'topology file: JSON, or StreamSQL (.ssql)'))
      .option('--duration <time>', 'end the sources after this time: 30s, 5m')
      .option('--json', 'print the summary as one JSON object on standard output')
      .option(
        '--metrics-port <port>',
        'serve Prometheus metrics on 127.0.0.1',
        wholeNumber(0, 65_535),
      )
      .option(
        '--allow-command <name=file>',
        'what operators of type exec may start: a file, or a JSON list of it and its arguments; repeatable',
        addCommand,
      )
      .option('--watch', 'start again whenever the file changes')
      .option('-q, --quiet', 'no progress, no summary, no warnings')
      .addHelpText('after', HELP);
  },

  async execute(command: Command, world: World): Promise<ExitStatus> {
    const [file] = command.processedArgs as [string];
    const options = command.opts<RunOptions>();
    if (options.watch === true && options.json === true) {
      throw new UsageError('--watch runs many times, --json prints one object: choose one');
    }
    const session: SessionOptions = {
      file,
      ...loadOptions(options),
      isQuiet: options.quiet === true,
      isJson: options.json === true,
      durationMs: options.duration === undefined ? undefined : await durationMs(options.duration),
      metricsPort: options.metricsPort,
      commands: options.allowCommand ?? {},
    };
    const isVerbose = options.verbose === true;
    return options.watch === true
      ? await runAgainAndAgain(session, world, isVerbose)
      : await runOnce(session, world, isVerbose);
  },
};

async function runOnce(
  options: SessionOptions,
  world: World,
  isVerbose: boolean,
): Promise<ExitStatus> {
  const session = new Session(options, world);
  const stopListening = onStopSignals(world.signals, {
    first: () => session.drain(),
    second: () => session.stop(),
  });
  try {
    const { summary, error, wasCutOff } = await session.run();
    if (error !== undefined) report(error, world, isVerbose);
    if (options.isJson) world.stdout.write(`${JSON.stringify(summaryObject(summary))}\n`);
    if (error !== undefined) return exitStatusOf(error);
    return wasCutOff ? ExitStatus.FAILED : ExitStatus.DONE;
  } finally {
    stopListening();
  }
}

/** Ends with the first signal after a run, or with the run that a signal ends. */
async function runAgainAndAgain(
  options: SessionOptions,
  world: World,
  isVerbose: boolean,
): Promise<ExitStatus> {
  let session = new Session(options, world);
  let isEnding = false;
  let wasCutOff = false;
  let hasChanged = false;
  let wake = (): void => undefined;
  const stopWatching = watchForChanges(options.file, () => {
    hasChanged = true;
    session.stop();
    wake();
  });
  const stopListening = onStopSignals(world.signals, {
    first: () => {
      isEnding = true;
      session.drain();
      wake();
    },
    second: () => {
      wasCutOff = true;
      session.stop();
    },
  });
  try {
    for (;;) {
      await runWatched(session, world, isVerbose);
      if (!isEnding && !hasChanged) {
        if (!options.isQuiet) world.stderr.write(`waiting for ${options.file} to change\n`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (isEnding) return wasCutOff ? ExitStatus.FAILED : ExitStatus.DONE;
      hasChanged = false;
      session = new Session(options, world);
    }
  } finally {
    stopWatching();
    stopListening();
  }
}

/** A run whose failure is no reason to stop watching. */
async function runWatched(session: Session, world: World, isVerbose: boolean): Promise<void> {
  try {
    const { error } = await session.run();
    if (error !== undefined) report(error, world, isVerbose);
  } catch (error) {
    report(error, world, isVerbose);
  }
}

/** What a timer can wait for: 2^31 - 1 ms. */
const LONGEST_MS = 2_147_483_647;

async function durationMs(text: string): Promise<number> {
  const { parseDurationUs } = await import('../../index.ts');
  const us = parseDurationUs(text);
  if (us === undefined || us <= 0) {
    throw new UsageError(`--duration: expected a time such as 30s or 5m, found '${text}'`);
  }
  if (us / 1000 > LONGEST_MS) throw new UsageError('--duration: 24 days is the most');
  return us / 1000;
}
