/** `CREATE ERROR INPUT STREAM`: takes the errors of all statements that say nothing else. @module */

import type { Apply, Name, Statement, StreamExpr } from '../ast.ts';
import { mistake } from '../problems.ts';

type Writer = Extract<Statement, { kind: 'query' }> | Apply;

/** The declared stream for errors, if there is one. */
export function errorInput(statements: readonly Statement[]): Name | undefined {
  const declared = statements.flatMap((statement) =>
    statement.kind === 'stream' && statement.role === 'errorInput' ? [statement.name] : [],
  );
  const [first, second] = declared;
  if (second !== undefined) throw mistake(second.span, 'there is another ERROR INPUT STREAM');
  return first;
}

/**
 * The statements whose errors go to the stream for errors: all but those that say where theirs go, and
 * those that read it, or what comes of it.
 */
export function caught(writers: readonly Writer[], stream: Name): ReadonlySet<Writer> {
  const behind = new Set([stream.text]);
  const isBehind = (writer: Writer): boolean => readBy(writer).some((name) => behind.has(name));
  for (let before = 0; before < behind.size;) {
    before = behind.size;
    for (const writer of writers.filter(isBehind)) {
      for (const name of writtenBy(writer)) behind.add(name);
    }
  }
  return new Set(writers.filter((writer) => writer.errorInto === undefined && !isBehind(writer)));
}

function writtenBy(writer: Writer): readonly string[] {
  const into =
    writer.kind === 'apply' ? writer.into.map((binding) => binding.stream) : [writer.into];
  return [...into, writer.errorInto].flatMap((name) => (name === undefined ? [] : [name.text]));
}

function readBy(writer: Writer): readonly string[] {
  if (writer.kind === 'apply') return writer.from.map((binding) => binding.stream.text);
  return readIn(writer.stream);
}

/** The names of the streams in an expression. */
function readIn(stream: StreamExpr): readonly string[] {
  switch (stream.kind) {
    case 'stream':
      return [stream.name.text];
    case 'select':
    case 'vjoin':
      return stream.from.flatMap((item) => readIn(item.stream));
    case 'pattern':
      return stream.events.flatMap((event) => readIn(event.stream));
    case 'union':
    case 'merge':
      return stream.streams.flatMap(readIn);
    case 'gather':
      return stream.streams.map((name) => name.text);
    default:
      return readIn(stream.stream);
  }
}
