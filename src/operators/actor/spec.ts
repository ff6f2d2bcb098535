/** What `actor` means. @module */

import type {
  Distribution,
  InputStream,
  OperatorPlan,
  OperatorSpec,
  OutputPort,
  ReportIssue,
} from '../../core/operator.ts';
import type { ActorOperator } from '../../core/topology/model.ts';
import { fieldIndex, type Schema } from '../../core/schema.ts';
import { MAIN_PORT, RESPONSES_PORT } from '../../core/topology/ports.ts';
import { sameType, typeName } from '../../core/types.ts';
import { columnOf } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface ActorConfig extends Pick<
  ActorOperator,
  'module' | 'export' | 'options' | 'ttlUs' | 'maxInstances' | 'output' | 'trigger' | 'timerUs'
> {
  /** By input: its stream's name, and the positions of its key columns. */
  readonly inputs: readonly { readonly name: string; readonly keys: readonly number[] }[];
  /** What comes as requests, on the input behind `inputs`; `undefined`: nothing does. */
  readonly requests: RequestColumns | undefined;
  readonly clock: 'event' | 'processing';
  /** Name → port. */
  readonly ports: readonly string[];
}

/** Columns of a stream of requests. */
export interface RequestColumns {
  /** The position of what is asked for. */
  readonly query: number;
  /** Positions of the key of the instance that is asked; all null: all instances are. */
  readonly keys: readonly number[];
}

/** What an answer has behind the columns of its request. */
const ANSWER: Schema = [
  { name: 'instance', type: { kind: 'int32' } },
  { name: 'result', type: { kind: 'json' } },
  { name: 'exception', type: { kind: 'json' } },
];

/**
 * `actor` makes one object of a user's class for each key, as it first comes, and calls it with the
 * rows of that key: Yahoo! S4's processing elements. State is the object's own; objects meet only by
 * rows that they emit. All rows of a key come to one task, one at a time.
 */
export const actorSpec: OperatorSpec<ActorOperator> = {
  kind: 'actor',

  plan(
    node: ActorOperator,
    all: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const inputs = node.isAsked ? all.slice(0, -1) : all;
    const keys = planKeys(node, inputs, report);
    const requests = node.isAsked ? planRequests(node, inputs[0]!, all.at(-1)!, report) : undefined;
    const haveTimes = inputs.every(({ stream }) => stream.hasTime);
    if (node.clock === 'event' && !haveTimes) {
      const bare = inputs.find(({ stream }) => !stream.hasTime)!;
      report(['clock'], `'${bare.name}' has no event time; give its source a 'time'`);
      return undefined;
    }
    if (keys === undefined || (node.isAsked && requests === undefined)) return undefined;
    const clock = node.clock ?? (haveTimes ? 'event' : 'processing');
    // What is emitted by the clock has no place in event time.
    const hasTime = clock === 'event';
    const ports = node.outputs.map(({ name, schema }): OutputPort => ({
      name: name === MAIN_PORT ? 'out' : name,
      stream: { schema, hasTime },
    }));
    if (requests !== undefined) {
      const schema = [...all.at(-1)!.stream.schema, ...ANSWER];
      ports.push({ name: RESPONSES_PORT, stream: { schema, hasTime: false } });
    }
    const { module, options, ttlUs, maxInstances, output, trigger, timerUs } = node;
    const config: ActorConfig = {
      module,
      export: node.export,
      options,
      ttlUs,
      maxInstances,
      output,
      trigger,
      timerUs,
      inputs: inputs.map(({ name }, i) => ({ name, keys: keys[i]! })),
      requests,
      clock,
      ports: node.outputs.map(({ name }) => name),
    };
    return {
      kind: 'actor',
      note: clock === 'event' ? undefined : 'by processing time',
      time: clock === 'processing' ? 'both' : 'event',
      config,
      ...(requests === undefined ? {} : { isAsked: true }),
      inputs: all.map(({ stream }) => stream),
      outputs: withErrorsPort(ports, node.onError),
      distribution: distributionOf(keys),
      onError: node.onError,
    };
  },
};

/** Where a stream of requests has the key of an instance, and what is asked for. */
function planRequests(
  { keys: [names], by }: ActorOperator,
  { stream: { schema: known } }: InputStream,
  requests: InputStream,
  report: ReportIssue,
): RequestColumns | undefined {
  const { schema } = requests.stream;
  let isSound = true;
  const issue = (message: string): void => {
    isSound = false;
    report(['requests'], message);
  };
  if (by !== undefined) issue(`with 'by' nobody knows which task has an instance`);
  const query = columnOf('query', requests, ['requests'], report);
  if (query !== undefined && !QUERY_KINDS.includes(schema[query]!.type.kind)) {
    const found = typeName(schema[query]!.type);
    issue(`'query' of '${requests.name}' is ${found}; expected string, or json with a list`);
  }
  const taken = ANSWER.find(({ name }) => fieldIndex(schema, name) >= 0);
  if (taken !== undefined) issue(`'${taken.name}' is a column of answers; rename that of requests`);
  const keys = names!.map((name): number => {
    const at = columnOf(name, requests, ['requests'], report) ?? -1;
    const wanted = known[fieldIndex(known, name)];
    if (at < 0) isSound = false;
    else if (wanted !== undefined && !sameType(wanted.type, schema[at]!.type)) {
      const expected = `expected ${typeName(wanted.type)}, as the key is`;
      issue(`'${name}' of '${requests.name}' is ${typeName(schema[at]!.type)}; ${expected}`);
    }
    return at;
  });
  return isSound && query !== undefined ? { query, keys } : undefined;
}

const QUERY_KINDS: readonly string[] = ['string', 'json'];

function distributionOf(keys: readonly (readonly number[])[]): Distribution {
  return keys[0]!.length === 0 ? { kind: 'single' } : { kind: 'keys', columns: keys };
}

/** Key columns by input; those of different inputs must agree in their types. */
function planKeys(
  { keys }: ActorOperator,
  inputs: readonly InputStream[],
  report: ReportIssue,
): readonly (readonly number[])[] | undefined {
  let isSound = true;
  const found = keys.map((names, i) => {
    const input = inputs[i]!;
    return names.map((name, k): number => {
      const at = columnOf(name, input, ['key'], report);
      if (at === undefined) return ((isSound = false), -1);
      const { type } = input.stream.schema[at]!;
      if (type.kind === 'json') {
        isSound = false;
        report(['key'], `'${name}' of '${input.name}' is json, which is no key; cast it before`);
      }
      const first = inputs[0]!.stream.schema.find((field) => field.name === keys[0]![k]);
      if (first !== undefined && !sameType(first.type, type)) {
        isSound = false;
        const other = `'${first.name}' of '${inputs[0]!.name}' is ${typeName(first.type)}`;
        report(['key'], `'${name}' of '${input.name}' is ${typeName(type)}, ${other}`);
      }
      return at;
    });
  });
  if (found.some((columns) => columns.length !== found[0]!.length)) {
    isSound = false;
    report(['key'], 'expected as many columns for each input');
  }
  return isSound ? found : undefined;
}
