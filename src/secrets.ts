import { openAwsSource } from './adapters/aws/source.ts';
import { openFileSource } from './adapters/file/source.ts';
import type { CredentialPlace, Settings } from './config/settings.ts';
import { must } from './core/assert.ts';
import type { CredentialEntry } from './pipeline/credentials.ts';
import { pepperName } from './pipeline/ports.ts';
import { parseSecretReference } from './core/secret-reference.ts';
import type { SecretReference, SecretSource } from './ports/secret-source.ts';

/** The pepper hardly ever changes, and a change invalidates every key; it is looked at rarely. */
const pepperRefreshMs = 600_000;

export interface SecretStores {
  readonly sources: ReadonlyMap<string, SecretSource>;
  close(): void;
}

/** One source per store that the settings name. `onReadableByOthers` hears of files with loose permissions. */
export function openSecretStores(settings: Settings, onReadableByOthers: (path: string) => void): SecretStores {
  const aws = [...settings.secretStores].map(([name, store]) => ({
    name,
    source: openAwsSource({ region: store.region, ...(store.endpoint === undefined ? {} : { endpoint: store.endpoint }) }),
  }));
  return {
    sources: new Map<string, SecretSource>([
      ['file', openFileSource({ baseDirectory: '/', onReadableByOthers })],
      ...aws.map((each): [string, SecretSource] => [each.name, each.source]),
    ]),
    close() {
      for (const each of aws) {
        each.source.close();
      }
    },
  };
}

/** Every secret that running needs: the pepper, the provider keys and those of guards. */
export const credentialEntries = (settings: Settings): readonly CredentialEntry[] => [
  pepperEntry(settings),
  ...entriesOf([...settings.providers.values()]),
  ...entriesOf([...settings.guardrails.values()].map(({ name, credential }) => ({ name: guardCredentialName(name), credential }))),
];

/** No provider can be named so (provider names have no dot). */
export const guardCredentialName = (guard: string): string => `guard.${guard}`;

export const pepperEntry = (settings: Settings): CredentialEntry => ({
  name: pepperName,
  reference: secretReference(settings.identity.pepper),
  refreshMs: pepperRefreshMs,
  overlapMs: 0,
});

interface Named {
  readonly name: string;
  readonly credential: CredentialPlace | undefined;
}

const entriesOf = (owners: readonly Named[]): readonly CredentialEntry[] =>
  owners.flatMap(({ name, credential }) =>
    credential === undefined
      ? []
      : [{ name, reference: secretReference(credential.secret), refreshMs: credential.refreshMs, overlapMs: credential.overlapMs }],
  );

/** A reference that the settings check has accepted. */
export function secretReference(text: string): SecretReference {
  const parsed = parseSecretReference(text);
  must(parsed !== undefined, 'the settings check let a bad secret reference through');
  return parsed;
}
