import { readFileSync } from 'node:fs';
import type { GuardKey } from './adapters/guards/client.ts';
import { openGuards, type OpenGuards } from './adapters/guards/guards.ts';
import type { Settings } from './config/settings.ts';
import type { Credentials } from './pipeline/credentials.ts';
import type { EntityFinder, Guards } from './ports/guard.ts';
import type { Telemetry } from './ports/telemetry.ts';
import { guardCredentialName } from './secrets.ts';

/** By guard, PEM. Throws where a file cannot be read. */
export type Authorities = ReadonlyMap<string, string>;

export const readAuthorities = ({ guardrails }: Settings): Authorities =>
  new Map([...guardrails.values()].flatMap(({ name, ca }) => (ca === undefined ? [] : [[name, readFileSync(ca, 'utf8')] as const])));

type CredentialsInUse = Pick<Credentials, 'served' | 'servedVersion' | 'reject'>;

/** The guards of the settings, with the keys that are in use when they are asked. */
export const openSettingsGuards = ({ guardrails }: Settings, authorities: Authorities, credentials: CredentialsInUse): OpenGuards =>
  openGuards(
    [...guardrails.values()].map((guard) => ({
      ...guard,
      ca: authorities.get(guard.name),
      key: guard.credential === undefined ? undefined : () => servedKey(guardCredentialName(guard.name), credentials),
    })),
  );

/** The same, and what they answer is counted. */
export const countedGuards = (
  guards: Guards & EntityFinder,
  { guardAnswered }: Pick<Telemetry, 'guardAnswered'>,
): Guards & EntityFinder => ({
  async judge(names, question, signal) {
    const answers = await guards.judge(names, question, signal);
    for (const { guard, verdict, tookMs } of answers) {
      guardAnswered({ guard, direction: question.direction, verdict: verdict.kind === 'fault' ? verdict.cause : verdict.kind, tookMs });
    }
    return answers;
  },
  async find(guard, texts, signal) {
    const askedMs = performance.now();
    const answer = await guards.find(guard, texts, signal);
    const verdict = answer.kind === 'fault' ? answer.cause : answer.kind;
    guardAnswered({ guard, direction: 'request', verdict, tookMs: performance.now() - askedMs });
    return answer;
  },
});

/** A rejection is of the version that was sent: after a rotation the one before may be the one that the guard knows. */
function servedKey(name: string, credentials: CredentialsInUse): GuardKey | undefined {
  const secret = credentials.served(name);
  const version = credentials.servedVersion(name);
  return secret === undefined
    ? undefined
    : {
        secret,
        reject: () => {
          credentials.reject(name, version);
        },
      };
}
