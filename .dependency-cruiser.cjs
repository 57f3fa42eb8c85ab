/** What each folder of src/ may import, itself aside. One way only; CONTRIBUTING.md says why. */
const MAY_IMPORT = {
  core: [],
  policy: ['core'],
  ports: ['core'],
  socket: [],
  config: ['core'],
  pipeline: ['core', 'policy', 'ports'],
  adapters: ['core', 'ports'],
  wire: ['core', 'policy', 'pipeline', 'ports', 'socket'],
  envoy: ['core', 'config'],
  admin: ['core', 'policy', 'ports', 'config', 'socket'],
  cli: ['core', 'policy', 'config', 'envoy', 'ports'],
};

const folderRules = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import ${allowed.length === 0 ? 'nothing' : allowed.join(', ')}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...folderRules,
    {
      name: 'adapters-apart',
      comment: 'one adapter knows nothing of another',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'grpc-in-wire-only',
      severity: 'error',
      from: { pathNot: '^src/wire/' },
      to: { path: 'node_modules/@grpc/' },
    },
    { name: 'nothing-imports-main', severity: 'error', from: { path: '^src/[^/]+/' }, to: { path: '^src/[^/]+\\.ts$' } },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node'] },
  },
};
