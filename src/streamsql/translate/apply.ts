/** `APPLY MODULE` as `include`, `APPLY JAVA` as `module`. @module */

import { objectOf } from '../../core/topology/key-order.ts';
import type { Apply, Name } from '../ast.ts';
import { mistake } from '../problems.ts';
import { wholeOf } from './amounts.ts';
import type { Chain } from './chain.ts';
import type { Context } from './context.ts';
import type { DocumentBuilder } from './document-builder.ts';
import { schemaOf } from './sources.ts';
import { type Column, columnOf, type StreamInfo } from './stream-info.ts';

/** Adds an include; its outputs are streams by the names of the statement. */
export function addModule(
  apply: Apply,
  name: string,
  context: Context,
  builder: DocumentBuilder,
): ReadonlyMap<string, StreamInfo> {
  const { target, parallel, parameters, from, into, errorInto, span } = apply;
  if (target.text.endsWith('.ssql')) {
    throw mistake(
      target.span,
      'a module is a part, a JSON file such as "./ctr.json"; found StreamSQL',
    );
  }
  if (errorInto !== undefined) {
    throw mistake(errorInto.span, "errors of a part are its own: its operators say 'onError'");
  }
  const inputs = from.map(({ inner, stream }) => [inner!.text, context.stream(stream)] as const);
  const dispatch =
    parallel &&
    dispatchOf(
      parallel,
      inputs.map(([, info]) => info),
    );
  const node = {
    type: 'include',
    file: dispatch === undefined ? target.text : dispatch.map(() => target.text),
    ...(parallel === undefined ? {} : { by: { dispatch: 'number', columns: [parallel.by.text] } }),
    inputs: objectOf(inputs.map(([inner, { ref }]) => [inner, ref] as const)),
    parameters:
      parameters.length === 0
        ? undefined
        : objectOf(parameters.map(({ name: { text }, value }) => [text, value] as const)),
  };
  const places = {
    file: target.span,
    ...Object.fromEntries(
      parameters.map((parameter) => [`parameters\n${parameter.name.text}`, parameter.span]),
    ),
    ...Object.fromEntries(from.map(({ inner, stream }) => [`inputs\n${inner!.text}`, stream.span])),
  };
  builder.add('operators', name, node, span, places);
  const hasTime = inputs.every(([, info]) => info.hasTime);
  return new Map(
    into.map(({ inner, stream }) => [
      stream.text,
      { ref: `${name}.${inner!.text}`, columns: undefined, hasTime },
    ]),
  );
}

/** Rows go to the instance with the number of a column's value, so it is a whole number. */
function dispatchOf(
  { count, by }: NonNullable<Apply['parallel']>,
  infos: readonly StreamInfo[],
): readonly number[] {
  for (const info of infos) {
    const type = columnOf(info, by.text)?.type;
    if (type === 'int32' || type === 'int64') continue;
    const found = type === undefined ? 'one whose type is not known' : `a ${type}`;
    const message = 'instances of a module are told apart by a column of whole numbers';
    throw mistake(by.span, `${message}, found ${found}`);
  }
  const instances = wholeOf(count, 'instances');
  if (instances < 1 || instances > 1024) {
    throw mistake(count.span, `expected 1 to 1024 instances, found ${count.text}`);
  }
  return Array.from({ length: instances }, (_, i) => i);
}

/** Adds a function of a module; the stream that it gives is declared with its columns. */
export function addFunction(
  apply: Apply,
  columns: readonly Column[] | undefined,
  into: Name,
  context: Context,
  chain: Chain,
): void {
  const { target, parallel, parameters, from, span } = apply;
  const [first, second] = from;
  if (second !== undefined) {
    throw mistake(second.stream.span, 'a function reads one stream: join or unite them first');
  }
  const [parameter] = parameters;
  if (parameter !== undefined) {
    throw mistake(parameter.span, 'a function has no parameters: its module knows them');
  }
  if (columns === undefined) {
    const message = `the columns that the function gives are those of '${into.text}'`;
    throw mistake(into.span, `${message}: CREATE STREAM with columns declares them`);
  }
  chain.start(context.stream(first!.stream));
  const [module = '', called] = target.text.split('#');
  const node = {
    type: 'module',
    module,
    ...(called === undefined ? {} : { export: called }),
    schema: schemaOf(columns),
    ...(parallel === undefined
      ? {}
      : { parallel: wholeOf(parallel.count, 'instances'), by: [parallel.by.text] }),
  };
  const places = { module: target.span, by: parallel?.by.span, parallel: parallel?.count.span };
  chain.add('module', node, { columns }, span, places);
}
