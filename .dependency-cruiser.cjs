/**
 * Who may import whom. The same table is in `ARCHITECTURE.md`.
 *
 * Run it through `npm run layers`, which also fails when too few modules were seen.
 */

/** Inside `src`: a row says that `from` may import itself and `may`, and nothing else of `src`. */
const LAYERS = [
  { name: 'core', may: [] },
  { name: 'ringbuf', may: ['core/'] },
  { name: 'wasm', may: ['core/'] },
  { name: 'columns', may: ['core/', 'wasm/'] },
  { name: 'expr', may: ['core/', 'wasm/'] },
  { name: 'streamsql', may: ['core/', 'expr/index[.]ts$'] },
  { name: 'state', may: ['core/', 'wasm/'] },
  { name: 'rows', may: ['core/'] },
  { name: 'storage', may: ['core/'] },
  { name: 'modules', may: ['core/'] },
  { name: 'connectors', may: ['core/', 'wasm/', 'rows/', 'modules/'] },
  {
    name: 'operators',
    may: ['core/', 'wasm/', 'columns/', 'expr/', 'state/', 'rows/', 'modules/'],
  },
  { name: 'admission', may: ['core/'] },
  { name: 'metrics', may: ['core/', 'ringbuf/'] },
  { name: 'workers-protocol', path: 'workers/protocol', may: ['core/', 'ringbuf/'] },
  {
    name: 'workers-host',
    path: 'workers/host/',
    may: ['core/', 'ringbuf/', 'metrics/', 'workers/protocol'],
  },
  {
    name: 'workers-thread',
    path: 'workers/thread/',
    may: [
      'core/',
      'ringbuf/',
      'operators/(kernels|chain/deferred)[.]ts$',
      'connectors/',
      'rows/',
      'wasm/',
      'columns/',
      'expr/',
      'state/',
      'storage/',
      'admission/',
      'metrics/',
      'workers/protocol',
    ],
  },
  {
    name: 'engine',
    may: [
      'core/',
      'ringbuf/',
      'wasm/',
      'expr/',
      'streamsql/index[.]ts$',
      'operators/(specs|modules)[.]ts$',
      'connectors/',
      'rows/',
      'admission/',
      'metrics/',
      'workers/host/',
      'workers/protocol',
    ],
  },
  { name: 'cli', may: ['index[.]ts$'] },
];

/** Third-party packages, and the only places that may import them. */
const PACKAGES = [
  { name: 'piscina', only: '^src/workers/host/' },
  { name: 'zod', only: '^(src/core/topology|scripts/)' },
  { name: 'commander', only: '^src/cli/' },
  { name: '@msgpack/msgpack', only: '^src/(connectors/|rows/)' },
];

const layerRules = LAYERS.map(({ name, path = `${name}/`, may }) => ({
  name: `layer-${name}`,
  comment: `src/${path} may import: ${may.join(', ') || 'nothing'}`,
  severity: 'error',
  from: { path: `^src/${path}` },
  to: { path: '^src/', pathNot: `^src/(${[path, ...may].join('|')})` },
}));

const packageRules = PACKAGES.map(({ name, only }) => ({
  name: `package-${name.replace(/.*\//, '')}`,
  comment: `${name} is imported in ${only} only`,
  severity: 'error',
  from: { path: '^(src|scripts)/', pathNot: only },
  to: { path: `(^|/)node_modules/${name}/` },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    ...packageRules,
    {
      name: 'packages-are-listed',
      comment: 'Add the package, and the one folder that may import it, to the table above.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        path: '(^|/)node_modules/',
        pathNot: `(^|/)node_modules/(@types/node|${PACKAGES.map(({ name }) => name).join('|')})/`,
      },
    },
    {
      name: 'core-is-pure',
      comment: 'The vocabulary imports nothing; only the parser of topologies may use zod.',
      severity: 'error',
      from: { path: '^src/core/', pathNot: '^src/core/(topology|json)' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg'] },
    },
    {
      name: 'no-node-in-pure-folders',
      comment: 'What these folders need of the outside is handed in.',
      severity: 'error',
      from: { path: '^src/(admission|columns|core|expr|operators|state|streamsql)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'kernels-run-in-threads',
      comment: 'Only a worker thread may load the table of kernels.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(workers/thread/|operators/)' },
      to: { path: '^src/operators/kernels[.]ts$' },
    },
    {
      name: 'host-and-thread-talk-by-protocol',
      severity: 'error',
      from: { path: '^src/workers/(host|thread)/' },
      to: { path: '^src/workers/(host|thread)/', pathNot: '^src/workers/$1/' },
    },
    {
      name: 'nobody-imports-the-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'inside-nobody-imports-the-public-api',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/index[.]ts$' },
    },
    {
      name: 'source-stands-alone',
      comment: 'src imports neither tests, nor benchmarks, nor what was built from it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|examples|scripts|dist)/' },
    },
    {
      name: 'examples-use-the-package',
      comment: "An example imports 'millrace', as a reader's program does.",
      severity: 'error',
      from: { path: '^examples/' },
      to: {
        path: '^(src|test|bench|scripts)/',
        dependencyTypesNot: ['aliased-tsconfig-paths', 'aliased'],
      },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: { path: '^(src|test|bench)/' },
      to: { couldNotResolve: true, pathNot: '^millrace$' },
    },
    {
      name: 'no-development-packages-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-orphans',
      severity: 'warn',
      from: { orphan: true, path: '^src/', pathNot: '(^|/)main[.]ts$' },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    parser: 'swc',
    doNotFollow: { path: '(^|/)(node_modules|dist)/' },
    exclude: { path: '^(test/fixtures|bench/results|coverage)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
