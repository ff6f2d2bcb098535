/**
 * Lint rule `millrace/hot-path`: a function whose doc comment says `@hot` runs once per row or per
 * batch, so it must not allocate. What a `throw` statement makes is free to allocate: by then the
 * hot path has ended.
 *
 * @module
 */

const FORBIDDEN = {
  ArrayExpression: 'array literal',
  AwaitExpression: 'await',
  ClassExpression: 'class expression',
  ForInStatement: 'for…in',
  ForOfStatement: 'for…of',
  NewExpression: 'new',
  ObjectExpression: 'object literal',
  SpreadElement: 'spread',
  TemplateLiteral: 'template string',
  TryStatement: 'try',
  YieldExpression: 'yield',
};

/** Nodes that may stand between a function and the doc comment that is meant for it. */
const WRAPPERS = new Set([
  'ExportNamedDeclaration',
  'MethodDefinition',
  'Property',
  'PropertyDefinition',
  'VariableDeclaration',
  'VariableDeclarator',
]);

/** Whether the doc comment directly before the function, or before what declares it, says `@hot`. */
function isMarkedHot(node, source) {
  for (let owner = node; owner; owner = owner.parent) {
    const comment = source.getCommentsBefore(owner).at(-1);
    if (comment?.type === 'Block' && comment.value.startsWith('*')) {
      return /(^|[\s*])@hot\b/.test(comment.value);
    }
    if (!WRAPPERS.has(owner.parent?.type)) return false;
  }
  return false;
}

const hotPath = {
  meta: { type: 'problem', docs: { description: 'no allocation in functions marked @hot' } },
  create(context) {
    const source = context.sourceCode;
    /** For each enclosing function, innermost last: is it hot? */
    const hot = [];
    let throws = 0;

    const report = (node, what) => {
      if (hot.at(-1) && throws === 0)
        context.report({ node, message: `${what} in a @hot function` });
    };
    const enter = (node) => {
      const isHot = isMarkedHot(node, source);
      if (!isHot) report(node, 'closure');
      hot.push(isHot);
    };
    const exit = () => void hot.pop();

    const visitor = {
      FunctionDeclaration: enter,
      'FunctionDeclaration:exit': exit,
      FunctionExpression: enter,
      'FunctionExpression:exit': exit,
      ArrowFunctionExpression: enter,
      'ArrowFunctionExpression:exit': exit,
      ThrowStatement: () => void throws++,
      'ThrowStatement:exit': () => void throws--,
    };
    for (const [type, what] of Object.entries(FORBIDDEN)) {
      visitor[type] = (node) => report(node, what);
    }
    return visitor;
  },
};

/** The plugin as oxlint loads it. */
export default { meta: { name: 'millrace' }, rules: { 'hot-path': hotPath } };
