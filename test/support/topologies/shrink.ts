/** Makes a failing case smaller as long as it fails. @module */

import type { Case, CaseSource } from './draw/case.ts';

/** Whether a case, which may be none any more, still fails in the same way. */
export type Fails = (smaller: Case) => Promise<boolean>;

/** The smallest case found that fails, within so many attempts. */
export async function shrinkCase(first: Case, fails: Fails, attempts: number): Promise<Case> {
  let best = first;
  let left = attempts;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of smaller(best)) {
      if (left-- <= 0) return best;
      if (!(await fails(candidate))) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}

/** Cases that have less of something, those with much less first. */
function* smaller(whole: Case): Generator<Case> {
  if (whole.checked.length > 1) {
    for (const stream of whole.checked) yield neededOf({ ...whole, checked: [stream] });
  }
  yield* withoutOperators(whole);
  yield* withFewerRows(whole);
  yield* withFewerMembers(whole);
}

/** Operators that are passed by: their readers read what they read. */
function* withoutOperators(whole: Case): Generator<Case> {
  for (const [name, { input, inputs }] of Object.entries(whole.operators)) {
    for (const instead of inputs ?? [input!]) {
      const swap = (stream: string): string => (stream.split('.')[0] === name ? instead : stream);
      const operators = Object.fromEntries(
        Object.entries(whole.operators)
          .filter(([other]) => other !== name)
          .map(([other, operator]) => [
            other,
            {
              ...operator,
              ...(operator.input === undefined ? {} : { input: swap(operator.input) }),
              ...(operator.inputs === undefined ? {} : { inputs: operator.inputs.map(swap) }),
            },
          ]),
      );
      yield neededOf({ ...whole, operators, checked: whole.checked.map(swap) });
    }
  }
}

function* withFewerRows(whole: Case): Generator<Case> {
  for (const [name, source] of Object.entries(whole.sources)) {
    const { rows } = source;
    for (
      let part = Math.ceil(rows.length / 2);
      part >= 1;
      part = part === 1 ? 0 : Math.ceil(part / 3)
    ) {
      for (let at = 0; at < rows.length; at += part) {
        const fewer: CaseSource = {
          ...source,
          rows: rows.filter((_, i) => i < at || i >= at + part),
        };
        yield { ...whole, sources: { ...whole.sources, [name]: fewer } };
      }
      if (rows.length / part > 40) break;
    }
  }
}

/** Without single members of `select` and `groupBy`, and without properties that may be left out. */
function* withFewerMembers(whole: Case): Generator<Case> {
  for (const [name, operator] of Object.entries(whole.operators)) {
    for (const [property, value] of Object.entries(operator)) {
      const { [property]: _, ...rest } = operator;
      const put = (changed: object): Case => ({
        ...whole,
        operators: { ...whole.operators, [name]: changed as typeof operator },
      });
      if (['parallel', 'emit', 'rank', 'ties', 'time', 'position', 'onError'].includes(property)) {
        yield put(rest);
      }
      if (property !== 'select' && property !== 'groupBy') continue;
      if (Array.isArray(value)) {
        for (const part of value)
          yield put({ ...rest, [property]: value.filter((v) => v !== part) });
        continue;
      }
      if (property === 'select' && Object.keys(value as object).length === 1) continue;
      for (const part of Object.keys(value as object)) {
        const { [part]: __, ...members } = value as Record<string, unknown>;
        yield put({ ...rest, [property]: members });
      }
    }
  }
}

/** What the checked streams need. */
function neededOf(whole: Case): Case {
  const needed = new Set<string>();
  const visit = (stream: string): void => {
    const name = stream.split('.')[0]!;
    if (needed.has(name)) return;
    needed.add(name);
    const operator = whole.operators[name];
    if (operator !== undefined) (operator.inputs ?? [operator.input!]).forEach(visit);
  };
  whole.checked.forEach(visit);
  const kept = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => needed.has(name)));
  return { ...whole, operators: kept(whole.operators), sources: kept(whole.sources) };
}
