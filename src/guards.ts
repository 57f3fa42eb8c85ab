import { readFileSync } from 'node:fs';
import { openGuards, type OpenGuards } from './adapters/guards/guards.ts';
import type { Settings } from './config/settings.ts';
import type { Credentials } from './pipeline/credentials.ts';
import { guardCredentialName } from './secrets.ts';

/** By guard, PEM. Throws where a file cannot be read. */
export type Authorities = ReadonlyMap<string, string>;

export const readAuthorities = ({ guardrails }: Settings): Authorities =>
  new Map([...guardrails.values()].flatMap(({ name, ca }) => (ca === undefined ? [] : [[name, readFileSync(ca, 'utf8')] as const])));

/** The guards of the settings, with the keys that are in use when they are asked. */
export const openSettingsGuards = (
  { guardrails }: Settings,
  authorities: Authorities,
  credentials: Pick<Credentials, 'served'>,
): OpenGuards =>
  openGuards(
    [...guardrails.values()].map((guard) => ({
      ...guard,
      ca: authorities.get(guard.name),
      secret: guard.credential === undefined ? undefined : () => credentials.served(guardCredentialName(guard.name)),
    })),
  );
