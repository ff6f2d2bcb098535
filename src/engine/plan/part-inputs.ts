/** Whether the streams handed to parts are what the parts want of them. @module */

import { describeSchema, fieldIndex, type Schema, type StreamType } from '../../core/schema.ts';
import type { IssueList } from '../../core/topology/index.ts';
import type { PartInput, StreamRef, Topology } from '../../core/topology/model.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { streamName } from '../../core/topology/index.ts';
import { sameType, typeName } from '../../core/types.ts';

/** The type of a stream; `undefined` as long as its node has not been planned. */
export type FindStream = (stream: StreamRef) => StreamType | undefined;

/** Checks inputs of parts as soon as their streams are known, each once. */
export class PartInputs {
  readonly #waiting: Set<PartInput>;
  readonly #refused = new Set<string>();
  readonly #issues: IssueList;
  readonly #find: FindStream;

  constructor(topology: Topology, issues: IssueList, find: FindStream) {
    this.#waiting = new Set(topology.included?.inputs);
    this.#issues = issues;
    this.#find = find;
  }

  /** Checks what can be checked by now, of parts whose operators' names begin as `node` does. */
  check(node?: string): void {
    for (const input of this.#waiting) {
      if (node !== undefined && !node.startsWith(input.prefix)) continue;
      const stream = this.#find(input);
      if (stream === undefined) continue;
      this.#waiting.delete(input);
      const problem = problemOf(input, stream);
      if (problem === undefined) continue;
      this.#refused.add(input.prefix);
      this.#issues.add(input.pointer, ...problem);
    }
  }

  /** Whether an operator is of a part that does not get what it wants: then it need not be looked at. */
  isRefused(node: string): boolean {
    return [...this.#refused].some((prefix) => node.startsWith(prefix));
  }
}

type Problem = readonly [message: string, suggestion?: string | undefined];

function problemOf(
  { schema, hasTime, node, port }: PartInput,
  stream: StreamType,
): Problem | undefined {
  const name = streamName({ node, port });
  const columns = stream.schema;
  const problem = columnProblem(schema, columns, name);
  if (problem !== undefined) return problem;
  if (hasTime === undefined || hasTime === stream.hasTime) return undefined;
  const [expected, found] = hasTime ? ['with', 'none'] : ['without', 'one'];
  return [`expected a stream ${expected} event time; '${name}' has ${found}`];
}

function columnProblem(wanted: Schema, columns: Schema, name: string): Problem | undefined {
  for (const field of wanted) {
    const found = columns[fieldIndex(columns, field.name)];
    const expected = `expected a column '${field.name}' of type ${typeName(field.type)}`;
    if (found === undefined) {
      const near = nearestName(
        field.name,
        columns.map((column) => column.name),
      );
      return [`${expected}; '${name}' has ${describeSchema(columns)}`, near];
    }
    if (!sameType(found.type, field.type)) {
      return [`${expected}; in '${name}' it is ${typeName(found.type)}`];
    }
  }
  return undefined;
}
