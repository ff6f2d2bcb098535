/** Functions of lists, which are JSON values. Elements are numbered from 1, or from -1 backwards. @module */

import { BOOL, FLOAT64, INT32, JSON_TYPE, STRING } from '../../core/types.ts';
import { badArgument } from '../row-error.ts';
import { isList, isObject } from '../scalar/json-path.ts';
import { jsonText } from '../scalar/json-text.ts';
import { compareJson, jsonIdentity, jsonKind, toJson } from '../scalar/json-value.ts';
import type { TypedCall } from '../typed.ts';
import type { JsonValue, Value } from '../value.ts';
import type { FunctionSpec, ParameterKind } from './function-spec.ts';
import { always, MAX_TEXT } from './function-spec.ts';

type List = readonly JsonValue[];

/** Most elements that ARRAY_RANGE makes. */
const MOST_ELEMENTS = 10_000;

/** The functions of this file. */
export const LIST_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['SPLIT'],
    usage: 'SPLIT(s, separator)',
    summary: 'A list of the parts of s between separators; of its characters when that is empty.',
    parameters: ['string', 'string'],
    required: 2,
    isTotal: true,
    result: always(JSON_TYPE),
    apply: ([s, separator]) =>
      separator === '' ? Array.from(s as string) : (s as string).split(separator as string),
  },
  {
    names: ['CARDINALITY'],
    usage: 'CARDINALITY(list)',
    summary: 'How many elements a list has, or members an object.',
    parameters: ['json'],
    required: 1,
    result: always(INT32),
    apply: ([json]) =>
      isObject(json as JsonValue)
        ? Object.keys(json as object).length
        : listOf(json!, 'CARDINALITY').length,
  },
  {
    names: ['ELEMENT_AT'],
    usage: 'ELEMENT_AT(list, n)',
    summary:
      'Element n of a list, or the member of an object with a name; null when there is none.',
    parameters: ['json', 'any'],
    required: 2,
    result: ([, n]) => {
      if (['string', 'int32', 'int64'].includes(n!.type.kind)) return JSON_TYPE;
      throw badArgument(`ELEMENT_AT takes a number or a name, not ${n!.type.kind}`);
    },
    apply: ([json, n]) => elementAt(json as JsonValue, n!),
  },
  {
    names: ['ARRAY_CONTAINS'],
    usage: 'ARRAY_CONTAINS(list, x)',
    summary: 'Whether an element equals x.',
    parameters: ['json', 'any'],
    required: 2,
    result: always(BOOL),
    apply: ([json, x], call) =>
      listOf(json!, 'ARRAY_CONTAINS').some((element) => isEqual(element, jsonOf(x!, call))),
  },
  {
    names: ['ARRAY_POSITION'],
    usage: 'ARRAY_POSITION(list, x)',
    summary: 'The number of the first element that equals x, or 0.',
    parameters: ['json', 'any'],
    required: 2,
    result: always(INT32),
    apply: ([json, x], call) =>
      listOf(json!, 'ARRAY_POSITION').findIndex((element) => isEqual(element, jsonOf(x!, call))) +
      1,
  },
  withElement('ARRAY_APPEND', 'The list with x behind it.', (list, x) => [...list, x]),
  withElement('ARRAY_PREPEND', 'The list with x before it.', (list, x) => [x, ...list]),
  withElement('ARRAY_REMOVE', 'The list without elements that equal x.', (list, x) =>
    list.filter((element) => !isEqual(element, x)),
  ),
  ofLists('ARRAY_CONCAT', 'The elements of all lists, one after the other.', (lists) =>
    lists.flat(1),
  ),
  ofLists('ARRAY_UNION', 'The elements of all lists, each once.', (lists) =>
    distinct(lists.flat(1)),
  ),
  ofLists(
    'ARRAY_INTERSECT',
    'The elements that are in every list, each once.',
    ([first, ...rest]) => {
      const others = rest.map((list) => new Set(list.map(jsonIdentity)));
      return distinct(first!).filter((x) => others.every((set) => set.has(jsonIdentity(x))));
    },
  ),
  ofLists(
    'ARRAY_EXCEPT',
    'The elements of the first list that are in no other, each once.',
    ([first, ...rest]) => {
      const others = new Set(rest.flat(1).map(jsonIdentity));
      return distinct(first!).filter((x) => !others.has(jsonIdentity(x)));
    },
  ),
  ofList('ARRAY_DISTINCT', 'The elements, each once, where it was first.', distinct),
  ofList('ARRAY_REVERSE', 'The elements from last to first.', (list) => [...list].reverse()),
  ofList(
    'ARRAY_SORT',
    'The elements in order: null, booleans, numbers, strings by bytes, lists, objects.',
    (list) => [...list].sort(compareJson),
  ),
  {
    names: ['ARRAY_SLICE'],
    usage: 'ARRAY_SLICE(list, from[, to])',
    summary: 'The elements from number from up to number to, both among them.',
    parameters: ['json', 'integer', 'integer'],
    required: 2,
    result: always(JSON_TYPE),
    apply: ([json, from, to]) =>
      sliced(listOf(json!, 'ARRAY_SLICE'), Number(from), Number(to ?? -1)),
  },
  {
    names: ['ARRAY_JOIN'],
    usage: 'ARRAY_JOIN(list, separator)',
    summary: 'The elements as texts with a separator between them; nulls are left out.',
    parameters: ['json', 'string'],
    required: 2,
    result: always(STRING),
    apply: ([json, separator]) => joined(listOf(json!, 'ARRAY_JOIN'), separator as string),
  },
  extreme('ARRAY_MIN', 'The least element that is not null, in the order of ARRAY_SORT.', -1),
  extreme('ARRAY_MAX', 'The greatest element that is not null, in the order of ARRAY_SORT.', 1),
  {
    names: ['ARRAY_SUM'],
    usage: 'ARRAY_SUM(list)',
    summary: 'The sum of the numbers of a list, as a float64; nulls are left out, 0 of none.',
    parameters: ['json'],
    required: 1,
    result: always(FLOAT64),
    apply: ([json]) => sum(numbersOf(json!, 'ARRAY_SUM')),
  },
  {
    names: ['ARRAY_AVG'],
    usage: 'ARRAY_AVG(list)',
    summary: 'The mean of the numbers of a list, as a float64; nulls are left out, null of none.',
    parameters: ['json'],
    required: 1,
    result: always(FLOAT64),
    apply: ([json]) => {
      const numbers = numbersOf(json!, 'ARRAY_AVG');
      return numbers.length === 0 ? null : sum(numbers) / numbers.length;
    },
  },
  {
    names: ['ARRAY_RANGE'],
    usage: 'ARRAY_RANGE(from, to[, step])',
    summary: `The integers from from to to, both among them; up to ${MOST_ELEMENTS}.`,
    parameters: ['integer', 'integer', 'integer'],
    required: 2,
    result: always(JSON_TYPE),
    apply: ([from, to, step]) => range(BigInt(from as number), BigInt(to as number), step),
  },
];

function listOf(json: Value, name: string): List {
  if (isList(json as JsonValue)) return json as List;
  throw badArgument(`${name} takes a list, found ${jsonKind(json as JsonValue)}`);
}

/** The second argument of a call as JSON. */
function jsonOf(x: Value, { args }: TypedCall): JsonValue {
  return toJson(x, args[1]!.type);
}

function isEqual(a: JsonValue, b: JsonValue): boolean {
  return compareJson(a, b) === 0;
}

function distinct(list: List): List {
  const known = new Set<string>();
  return list.filter((element) => {
    const identity = jsonIdentity(element);
    if (known.has(identity)) return false;
    known.add(identity);
    return true;
  });
}

function withElement(
  name: string,
  summary: string,
  compute: (list: List, x: JsonValue) => List,
): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(list, x)`,
    summary,
    parameters: ['json', 'any'],
    required: 2,
    result: always(JSON_TYPE),
    apply: ([json, x], call) => compute(listOf(json!, name), jsonOf(x!, call)),
  };
}

function ofList(name: string, summary: string, compute: (list: List) => List): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(list)`,
    summary,
    parameters: ['json'],
    required: 1,
    result: always(JSON_TYPE),
    apply: ([json]) => compute(listOf(json!, name)),
  };
}

function ofLists(
  name: string,
  summary: string,
  compute: (lists: readonly List[]) => List,
): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(list, …)`,
    summary,
    parameters: Array<ParameterKind>(1).fill('json'),
    required: 1,
    isVariadic: true,
    result: always(JSON_TYPE),
    apply: (args) => compute(args.map((json) => listOf(json, name))),
  };
}

function extreme(name: string, summary: string, direction: 1 | -1): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(list)`,
    summary,
    parameters: ['json'],
    required: 1,
    result: always(JSON_TYPE),
    apply: ([json]) => {
      let best: JsonValue = null;
      for (const element of listOf(json!, name)) {
        if (element === null) continue;
        if (best === null || compareJson(element, best) * direction > 0) best = element;
      }
      return best;
    },
  };
}

function elementAt(json: JsonValue, n: Value): Value {
  if (typeof n === 'string') {
    return isObject(json) && Object.hasOwn(json, n) ? json[n]! : null;
  }
  const list = listOf(json, 'ELEMENT_AT');
  const number = Number(n);
  if (number === 0) throw badArgument('the elements of a list count from 1, or from -1 backwards');
  return list[number > 0 ? number - 1 : list.length + number] ?? null;
}

function sliced(list: List, from: number, to: number): List {
  if (from === 0 || to === 0) {
    throw badArgument('the elements of a list count from 1, or from -1 backwards');
  }
  const first = from > 0 ? from - 1 : Math.max(0, list.length + from);
  const behind = to > 0 ? to : list.length + to + 1;
  return list.slice(first, Math.max(first, behind));
}

function joined(list: List, separator: string): string {
  const parts = list
    .filter((element) => element !== null)
    .map((element) => (typeof element === 'string' ? element : jsonText(element)));
  if (separator.length * parts.length > MAX_TEXT) {
    throw badArgument('ARRAY_JOIN would make too long a string');
  }
  return parts.join(separator);
}

function numbersOf(json: Value, name: string): readonly number[] {
  return listOf(json, name)
    .filter((element) => element !== null)
    .map((element) => {
      if (jsonKind(element) === 'number') return Number(element);
      throw badArgument(`${name} takes a list of numbers, found ${jsonKind(element)}`);
    });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, next) => total + next, 0);
}

function range(from: bigint, to: bigint, stepValue: Value | undefined): List {
  const step = stepValue === undefined ? 1n : BigInt(stepValue as number);
  if (step === 0n) throw badArgument('the step of ARRAY_RANGE is zero');
  const count = (to - from) / step + 1n;
  if (to !== from && to > from !== step > 0n) return [];
  if (count > BigInt(MOST_ELEMENTS)) {
    throw badArgument(`ARRAY_RANGE makes up to ${MOST_ELEMENTS} elements, not ${count}`);
  }
  return Array.from({ length: Number(count) }, (_, i) =>
    toJson(from + BigInt(i) * step, { kind: 'int64' }),
  );
}
