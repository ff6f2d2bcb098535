/** `millrace explain`. @module */

import { type Command, Option } from 'commander';
import type { PlanDescription } from '../../index.ts';
import {
  type CliCommand,
  declareTopologyOptions,
  loadOptions,
  type TopologyOptions,
} from '../command.ts';
import { ExitStatus, UsageError } from '../exit-status.ts';
import { whileStarting } from '../failure.ts';
import { planMermaid, planText } from '../format/plan-text.ts';
import { showLivePlan } from '../run/live-plan.ts';
import type { World } from '../world.ts';

type Format = 'text' | 'json' | 'mermaid';

interface ExplainOptions extends TopologyOptions {
  readonly format: Format;
  readonly live?: boolean;
}

const FORMATS: Readonly<Record<Format, (plan: PlanDescription) => string>> = {
  text: planText,
  json: (plan) => `${JSON.stringify(plan, undefined, 2)}\n`,
  mermaid: planMermaid,
};

/** Shows the plan that a run would have. */
export const explainCommand: CliCommand = {
  name: 'explain',
  summary: 'show the plan: chains, workers, rings, where tuples may be shed',

  declare(command: Command): void {
    const format = new Option('--format <format>', 'how the plan is written')
      .choices(Object.keys(FORMATS))
      .default('text');
    declareTopologyOptions(command.argument('<file>', 'topology file: JSON, or StreamSQL (.ssql)'))
      .addOption(format)
      .option('--live', 'run it, and show rows, lags, queues and where it sheds once a second');
  },

  async execute(command: Command, world: World): Promise<ExitStatus> {
    const [file] = command.processedArgs as [string];
    const options = command.opts<ExplainOptions>();
    const { format, live = false } = options;
    if (live && format === 'mermaid') {
      throw new UsageError('--live writes text or json, no mermaid: choose one');
    }
    const { explainTopology } = await import('../../index.ts');
    const plan = await whileStarting(() => explainTopology(file, loadOptions(options)));
    if (!live || format === 'mermaid') {
      world.stdout.write(FORMATS[format](plan));
      return ExitStatus.DONE;
    }
    world.stdout.write(format === 'text' ? planText(plan) : `${JSON.stringify(plan)}\n`);
    return await showLivePlan(file, { ...loadOptions(options), format }, world);
  },
};
