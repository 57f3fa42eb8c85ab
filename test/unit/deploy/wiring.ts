import { dirname } from 'node:path';
import { parseSettings } from '../../../src/config/load.ts';
import type { Settings } from '../../../src/config/settings.ts';
import { readText } from '../docs/markdown.ts';

export const settingsFile = '/etc/sallyport/sallyport.yaml';

/** The settings of the examples, as they are inside a container. */
export const deployedSettings = (): Settings => parseSettings(readText('deploy/settings/sallyport.yaml'), settingsFile);

/** A program of an example: what it may see of volumes, and how it is started. */
export interface Deployed {
  readonly args: readonly string[];
  readonly mounts: readonly { readonly volume: string; readonly path: string; readonly readOnly: boolean }[];
}

export interface Deployment {
  readonly render: Deployed;
  readonly sallyport: Deployed;
  readonly envoy: Deployed;
}

const optionOf = (args: readonly string[], name: string): string | undefined => args[args.indexOf(name) + 1];

/** How a program sees a directory: `volume ro`, `volume rw`, or not at all. */
function view({ mounts }: Deployed, directory: string | undefined): string | undefined {
  const mount = mounts.find(({ path }) => path === directory);
  return mount === undefined ? undefined : `${mount.volume} ${mount.readOnly ? 'ro' : 'rw'}`;
}

/** Who sees which directory that the settings and the commands name. Equal for every example, but for the volumes' names. */
export function seenBy({ render, sallyport, envoy }: Deployment, settings: Settings): Readonly<Record<string, unknown>> {
  const sockets = [settings.listen.grpc, settings.listen.sds]
    .flat()
    .map((listener) => (listener.kind === 'unix' ? dirname(listener.path) : ''));
  const admin = settings.edge.admin.kind === 'unix' ? dirname(settings.edge.admin.path) : '';
  const secrets = [settings.identity.pepper, ...[...settings.providers.values()].flatMap((each) => each.credential?.secret ?? [])].map(
    (reference) => dirname(reference.replace(/^file:/, '')),
  );
  const config = dirname(optionOf(envoy.args, '--config-path') ?? '');
  const all = (directories: readonly string[]): readonly unknown[] =>
    [...new Set(directories)].map((directory) => [view(sallyport, directory), view(envoy, directory)]);
  return {
    sockets: all([...sockets, admin]),
    secrets: all(secrets),
    certificate: all([dirname(settings.edge.certificate)]),
    store: all([dirname(settings.store.path)]),
    settings: [view(render, dirname(settingsFile)), ...all([dirname(settingsFile)])],
    envoyConfiguration: [view(render, config), view(envoy, config)],
    renderedTo: optionOf(render.args, '--out') === config,
    settingsOf: [render, sallyport].map(({ args }) => optionOf(args, '--config')),
  };
}
