/** Parameters of operators in documents, and the stream that changes them. @module */

import * as z from 'zod';
import { invariant } from '../../invariant.ts';
import { type DataType, parseTypeName, typeName as nameOf } from '../../types.ts';
import { parseDurationUs } from '../../units.ts';
import { anyValue } from '../document/distributions.ts';
import {
  duration,
  expecting,
  namesTo,
  object,
  option,
  streamName,
  text,
  typeName,
} from '../document/parts.ts';
import { pointer, show } from '../issues.ts';
import { entriesOf } from '../key-order.ts';
import { isLiteralOf } from '../literals.ts';
import type { Control, ParameterDefinition, ParameterValue } from '../model/parameters.ts';
import type { InputRef, JsonValue } from '../model/parts.ts';
import type { NodeReport } from '../node-report.ts';
import { durationUs } from '../normalize-values.ts';
import { isObject } from '../place.ts';
import { parseStreamName } from '../ports.ts';
import { parseTimestampUs } from '../timestamp-text.ts';

const CONTROL = 'the name of a stream, or a control such as {"input": "limits"}';

const parameter = object('a parameter such as {"type": "float64", "initial": 100}', {
  type: typeName.describe('Its type.'),
  initial: anyValue.describe('Its value before the first change; null by default.').optional(),
  column: text('the name of a column')
    .describe('The column of the control stream that changes it; its own name by default.')
    .optional(),
}).meta({ id: 'parameter' });

const control = z
  .union(
    [
      streamName(),
      object(CONTROL, {
        input: streamName().describe('The control stream.'),
        effect: option('effect', ['event', 'arrival'])
          .describe(
            '"event": a change is for rows of its event time and later (default); "arrival": for ' +
              'rows that come after it.',
          )
          .optional(),
        history: duration('1h')
          .describe('How late a row may be to find the value of its time; "1h" by default.')
          .optional(),
      }),
    ],
    expecting(CONTROL),
  )
  .meta({ id: 'control' });

/** Properties of operators whose expressions may read parameters. */
export const parameterised = {
  parameters: namesTo(
    'parameters such as {"limit": {"type": "float64", "initial": 100}}',
    parameter,
  )
    .describe('Values that may change while it runs: NAME → parameter, $NAME in expressions.')
    .optional(),
  control: control
    .describe('The stream that changes the parameters; without it `engine.update` does.')
    .optional(),
};

/** A parameter where a value could stand. */
export function parameterName(example: string): z.ZodString {
  const words = expecting(`a parameter such as "$${example}"`);
  return z.string(words).regex(/^\$[A-Za-z_]\w*$/, words);
}

interface Written {
  readonly parameters?: z.input<typeof parameterised.parameters>;
  readonly control?: z.input<typeof parameterised.control>;
}

const DEFAULT_HISTORY_US = 3_600_000_000;

/** Names that can be written in expressions, values of their types, and something to change. */
export function checkParameters(node: object, report: NodeReport): void {
  const { parameters, control: written } = node as Written;
  if (written !== undefined && report.isSound('control') && parameters === undefined) {
    report.add(['control'], `a control stream changes parameters: 'parameters' is missing`);
  }
  if (parameters === undefined || !report.isOfKind('parameters')) return;
  for (const [name, definition] of entriesOf(parameters)) {
    const at = ['parameters', name];
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      report.add(at, `expected a name of letters, digits and '_', found ${show(name)}`);
    }
    if (report.isSound(...at)) checkDefinition(definition, at, report);
  }
}

function checkDefinition(
  { type: written, initial = null }: z.input<typeof parameter>,
  at: readonly string[],
  report: NodeReport,
): void {
  const type = parseTypeName(written);
  if (type === undefined) return;
  if (type.kind === 'json' || type.kind === 'bytes') {
    report.add([...at, 'type'], `a parameter cannot be ${type.kind}; expected another type`);
  } else if (!isLiteralOf(type, initial)) {
    report.add([...at, 'initial'], `expected a value of ${nameOf(type)}, found ${show(initial)}`);
  }
}

/** The parameters of a checked node that stands at the pointer `at`. */
export function normalizeParameters(node: object, at: string): readonly ParameterDefinition[] {
  return entriesOf((node as Written).parameters ?? {}).map(
    ([name, { type: written, initial = null, column = name }]) => {
      const type = parseTypeName(written);
      invariant(type !== undefined, `unchecked type '${written}'`);
      const place = at + pointer('parameters', name);
      return { name, type, initial: parameterValue(type, initial), column, pointer: place };
    },
  );
}

/** The control stream of a checked node, and when it takes effect. */
export function normalizeControl(
  node: object,
  at: string,
): { readonly input: InputRef; readonly control: Control } | undefined {
  const { control: written } = node as Written;
  if (written === undefined) return undefined;
  const isName = typeof written === 'string';
  const { input, effect = 'event', history } = isName ? { input: written } : written;
  const place = at + (isName ? pointer('control') : pointer('control', 'input'));
  return {
    input: { ...parseStreamName(input), pointer: place },
    control: { effect, historyUs: durationUs(history, DEFAULT_HISTORY_US) },
  };
}

/** The name of the control stream of a node as it is written, and the steps to it. */
export function controlOf(
  node: Readonly<Record<string, JsonValue>>,
): { readonly stream: string; readonly steps: readonly string[] } | undefined {
  const { control: written } = node;
  if (typeof written === 'string') return { stream: written, steps: ['control'] };
  if (!isObject(written) || typeof written['input'] !== 'string') return undefined;
  return { stream: written['input'], steps: ['control', 'input'] };
}

/** The value that a literal of a type stands for. */
function parameterValue(type: DataType, value: JsonValue): ParameterValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'int64':
      return BigInt(value as number | string);
    case 'decimal':
      return scaled(String(value), type.scale);
    case 'timestamp': {
      const us = typeof value === 'string' ? parseTimestampUs(value)! : (value as number) * 1000;
      return BigInt(Math.round(us));
    }
    case 'duration':
      return BigInt(parseDurationUs(value as string)!);
    default:
      return value as boolean | number | string;
  }
}

/** A decimal's digits as a whole number of its smallest units. */
function scaled(digits: string, scale: number): bigint {
  const [whole = '0', places = ''] = digits.split('.');
  return BigInt(whole + places.padEnd(scale, '0'));
}
