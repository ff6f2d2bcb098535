/** `millrace explain`. @module */

import { type Command, Option } from 'commander';
import type { PlanDescription } from '../../index.ts';
import {
  type CliCommand,
  declareTopologyOptions,
  loadOptions,
  type TopologyOptions,
} from '../command.ts';
import { ExitStatus } from '../exit-status.ts';
import { whileStarting } from '../failure.ts';
import { planMermaid, planText } from '../format/plan-text.ts';
import type { World } from '../world.ts';

type Format = 'text' | 'json' | 'mermaid';

interface ExplainOptions extends TopologyOptions {
  readonly format: Format;
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
    declareTopologyOptions(command.argument('<file>', 'topology file')).addOption(format);
  },

  async execute(command: Command, world: World): Promise<ExitStatus> {
    const [file] = command.processedArgs as [string];
    const options = command.opts<ExplainOptions>();
    const { explainTopology } = await import('../../index.ts');
    const plan = await whileStarting(() => explainTopology(file, loadOptions(options)));
    world.stdout.write(FORMATS[options.format](plan));
    return ExitStatus.DONE;
  },
};
