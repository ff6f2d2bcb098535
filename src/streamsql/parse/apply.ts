/** `APPLY MODULE` and `APPLY JAVA`. @module */

import type { TokenStream } from '../../expr/index.ts';
import type { Apply, Binding, Name } from '../ast.ts';
import { mistake } from '../problems.ts';
import { readErrorInto } from './create.ts';
import { readAmount, readName, readOptions, readText } from './reading.ts';

/** `APPLY [PARALLEL n BY f] MODULE "file" [(p = v)] FROM in = s INTO out = s`, or with `JAVA`. */
export function readApply(tokens: TokenStream): Apply {
  const start = tokens.expectWord('APPLY').span;
  const parallel = readParallel(tokens);
  if (tokens.atWords('JDBC')) {
    const message = 'there is no APPLY JDBC: a lookup asks a module of yours, which has the driver';
    throw mistake(tokens.peek().span, message);
  }
  const isModule = tokens.acceptWords('MODULE');
  if (!isModule) tokens.expectWord('JAVA', 'or MODULE behind APPLY');
  const what = isModule ? 'module' : 'java';
  const target = readText(
    tokens,
    `the file in quotes, such as "./${isModule ? 'ctr.json' : 'score.js#score'}"`,
  );
  const parameters = tokens.atSymbol('(') ? readOptions(tokens) : [];
  if (!isModule && tokens.acceptWords('AS')) readName(tokens, 'an operator');
  tokens.expectWord('FROM', 'behind what is applied');
  const from = readBindings(tokens, isModule);
  tokens.expectWord('INTO', 'behind the streams that it reads');
  const into = readBindings(tokens, isModule);
  const errorInto = readErrorInto(tokens);
  const span = tokens.spanFrom(start);
  return { kind: 'apply', span, what, target, parallel, parameters, from, into, errorInto };
}

function readParallel(tokens: TokenStream): Apply['parallel'] {
  if (!tokens.acceptWords('PARALLEL')) return undefined;
  if (tokens.peek().kind !== 'number') {
    throw tokens.unexpected('a number of instances: PARALLEL 4 BY symbol');
  }
  const count = readAmount(tokens, 'a number of instances');
  tokens.expectWord('BY', 'behind the number of instances');
  return { count, by: readName(tokens, 'a column') };
}

/** `inner = stream, …`; for Java one stream. */
function readBindings(tokens: TokenStream, isModule: boolean): readonly Binding[] {
  const bindings: Binding[] = [];
  do {
    const first: Name = readName(tokens, 'a stream');
    if (isModule || tokens.atSymbol('=')) {
      tokens.expectSymbol('=', `behind '${first.text}'`);
      bindings.push({ inner: first, stream: readName(tokens, 'a stream') });
    } else {
      bindings.push({ inner: undefined, stream: first });
    }
  } while (tokens.acceptSymbol(','));
  return bindings;
}
