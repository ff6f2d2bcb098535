/** Commands that operators may start: what the options of the engine allow, and what a topology asks for. @module */

import path from 'node:path';
import { MillraceError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import { IssueList, originsOf, pointer, type Topology } from '../core/topology/index.ts';
import type { AllowedCommand } from '../workers/protocol.ts';

/** Commands by the names under which topologies ask for them. */
export type AllowedCommands = Readonly<Record<string, AllowedCommand>>;

/**
 * The commands that a topology needs.
 *
 * @throws MillraceError `ERR_TOPOLOGY_INVALID` for those that are not allowed, `ERR_USAGE` for options that
 * make no sense
 */
export function neededCommands(topology: Topology, allowed: AllowedCommands): AllowedCommands {
  const issues = new IssueList(originsOf(topology.included?.places ?? []));
  const needed: [string, AllowedCommand][] = [];
  for (const { name, ...node } of topology.operators) {
    if (node.type !== 'exec') continue;
    const command = Object.hasOwn(allowed, node.command) ? allowed[node.command] : undefined;
    if (command === undefined) {
      const known = Object.keys(allowed);
      const list = known.length === 0 ? 'none' : known.map((one) => `'${one}'`).join(', ');
      const message = `the options of the engine do not allow the command '${node.command}'; they allow ${list}`;
      issues.add(pointer('operators', name, 'command'), message, nearestName(node.command, known));
      continue;
    }
    if (node.args.length > 0 && command.takesArgs !== true) {
      const message = `the options of the engine allow no more arguments for '${node.command}'`;
      issues.add(pointer('operators', name, 'args'), message);
    }
    needed.push([node.command, checked(node.command, command)]);
  }
  issues.throwIfAny(`topology '${topology.name}'`);
  return Object.fromEntries(needed);
}

/** A relative path would be one in the folder of the topology. */
function checked(name: string, { file, args, env, takesArgs }: AllowedCommand): AllowedCommand {
  const isName = typeof file === 'string' && file !== '' && path.basename(file) === file;
  if (!isName && !(typeof file === 'string' && path.isAbsolute(file))) {
    const message = `command '${name}': expected an absolute path, or a name that is in PATH`;
    throw new MillraceError('ERR_USAGE', `${message}, found ${JSON.stringify(file)}`);
  }
  return {
    file,
    args: (args ?? []).map(String),
    env: { ...env },
    takesArgs: takesArgs === true,
  };
}
