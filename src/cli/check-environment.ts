import { statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { GrpcListener, Settings } from '../config/settings.ts';
import { error, reporter, warning, type Finding } from '../envoy/lint/finding.ts';

export const ENVIRONMENT = {
  'settings-invalid': error(
    'the settings file cannot be used',
    'Sallyport does not start with it; a running one keeps the settings it has.',
  ),
  'file-missing': warning(
    'a file that the settings name is not there; put it there or correct the path',
    'Sallyport or Envoy would not start, or not get ready.',
  ),
  'secret-readable': warning(
    'everyone on the machine may read a file with a secret or a private key; chmod o-r',
    'Each program of the machine could use the key. A group of its own may read it, as Kubernetes arranges with fsGroup.',
  ),
  'directory-missing': warning(
    'a directory that the settings need is not there; make it',
    'Sockets, the store and logs are not made together with their directories.',
  ),
  'directory-open': error(
    'everyone may write into a directory of sockets or of the store; chmod o-w',
    'Another program could put its own socket there and answer Envoy in Sallyport’s place.',
  ),
} as const;

const find = reporter(ENVIRONMENT);

const everyoneMayRead = 0o004;
const everyoneMayWrite = 0o002;

/** Files and directories that the settings name, as they are on this machine. Nothing is read but their status. */
export function* checkEnvironment(settings: Settings): Generator<Finding> {
  for (const [path, file] of filesOf(settings)) {
    const status = statusOf(file.path);
    if (status?.isFile() !== true) {
      yield find('file-missing', { path }, file.path);
    } else if (file.secret && (status.mode & everyoneMayRead) !== 0) {
      yield find('secret-readable', { path }, `${file.path}, mode ${(status.mode & 0o777).toString(8).padStart(4, '0')}`);
    }
  }
  for (const [path, directory] of directoriesOf(settings)) {
    const status = statusOf(directory);
    if (status?.isDirectory() !== true) {
      yield find('directory-missing', { path }, directory);
    } else if ((status.mode & everyoneMayWrite) !== 0) {
      yield find('directory-open', { path }, directory);
    }
  }
}

const statusOf = (path: string): Stats | undefined => {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
};

type NamedFile = readonly [where: string, file: { readonly path: string; readonly secret: boolean }];

function filesOf({ edge, listen, providers, identity, guardrails, ledger }: Settings): readonly NamedFile[] {
  const references: readonly (readonly [string, string | undefined])[] = [
    ['identity.virtualKeys.pepper', identity.pepper],
    ...(ledger.kind === 'embedded'
      ? []
      : ([
          ['ledger.password', ledger.password],
          ['ledger.sentinelPassword', ledger.sentinelPassword],
        ] as const)),
    ...[...providers.values()].map(({ name, credential }) => [`providers.${name}.credential.secret`, credential?.secret] as const),
    ...[...guardrails.values()].map(
      ({ credential }, index) => [`guardrails.${String(index)}.credential.secret`, credential?.secret] as const,
    ),
  ];
  const publics: readonly (readonly [string, string | undefined])[] = [
    ['edge.clientCa', edge.clientCa],
    ['edge.sidecarTls.ca', edge.sidecarTls?.ca],
    ['ledger.ca', ledger.kind === 'embedded' ? undefined : ledger.ca],
    ...[...providers.values()].map(({ name, tlsCa }) => [`providers.${name}.tls.ca`, tlsCa] as const),
    ...[...guardrails.values()].map(({ ca }, index) => [`guardrails.${String(index)}.ca`, ca] as const),
    ...identity.issuers.map(({ jwks }, index) => [`identity.jwt.${String(index)}.jwks`, fileOf(jwks)] as const),
    ...listenersOf(listen).map(
      ([where, listener]) => [`${where}.clientCa`, listener.kind === 'tcp' ? listener.clientCa : undefined] as const,
    ),
  ];
  const keys: readonly (readonly [string, string | undefined])[] = [
    ['edge.certificate', edge.certificate],
    ['edge.sidecarTls.certificate', edge.sidecarTls?.certificate],
    ...listenersOf(listen).map(
      ([where, listener]) => [`${where}.certificate`, listener.kind === 'tcp' ? listener.certificate : undefined] as const,
    ),
    ...references.map(([where, reference]) => [where, fileOf(reference)] as const),
  ];
  return [...keys.flatMap((each) => named(true, each)), ...publics.flatMap((each) => named(false, each))];
}

const named = (secret: boolean, [where, path]: readonly [string, string | undefined]): readonly NamedFile[] =>
  path === undefined ? [] : [[where, { path, secret }]];

/** The path of a `file:` reference, without the field that a `#` names. */
const fileOf = (reference: string | undefined): string | undefined =>
  reference?.startsWith('file:') === true ? reference.slice('file:'.length).replace(/#[^#/]*$/, '') : undefined;

const listenersOf = (listen: Settings['listen']): readonly (readonly [string, GrpcListener])[] => [
  ...listen.grpc.map((listener, index) => [`listen.grpc.${String(index)}`, listener] as const),
  ...listen.sds.map((listener, index) => [`listen.sds.${String(index)}`, listener] as const),
];

function directoriesOf({ edge, listen, store }: Settings): readonly (readonly [string, string])[] {
  const sockets = listenersOf(listen).flatMap(([where, listener]) =>
    listener.kind === 'unix' ? [[where, dirname(listener.path)] as const] : [],
  );
  const api = listen.admin.map((path, index) => [`listen.admin.${String(index)}`, dirname(path)] as const);
  const admin = edge.admin.kind === 'unix' ? [['edge.admin', dirname(edge.admin.path)] as const] : [];
  const log = edge.accessLog.startsWith('/dev/') ? [] : [['edge.accessLog', dirname(edge.accessLog)] as const];
  return [...sockets, ...api, ...admin, ['store', dirname(store.path)], ...log];
}
