import { randomBytes } from 'node:crypto';
import type { ServerDuplexStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { keyName, providerOfKey } from '../core/key-name.ts';
import type { Credentials } from '../pipeline/ports.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { encodeGenericSecret, SECRET_TYPE_URL } from './definitions.ts';
import type { DiscoveryRequestMessage, DiscoveryResponseMessage } from './messages.ts';

type SdsStream = ServerDuplexStream<DiscoveryRequestMessage, DiscoveryResponseMessage>;

export interface SdsService {
  readonly implementation: UntypedServiceImplementation;
  /** Sends the present key of `provider` to every Envoy that asked for it, by whatever name: the settings may have changed. */
  push(provider: string): void;
}

/**
 * What the cluster of a provider must have been made from to get its key; undefined where there is no such provider. Only their keys ever
 * leave by this door: the pepper lives in the same table.
 */
export type FingerprintOf = (provider: string) => string | undefined;

/**
 * `envoy.service.secret.v3.SecretDiscoveryService`: provider keys, on a socket of their own. An unknown or withheld name is
 * answered empty at once (an unanswered one holds Envoy's start for 15 s); an empty secret injects nothing, which refuses.
 */
export function secretDiscoveryService(credentials: Credentials, fingerprintOf: FingerprintOf, telemetry: Telemetry): SdsService {
  const subscriptions = new Map<SdsStream, readonly string[]>();
  // On reconnection Envoy sends the version it holds; a restarted process must never meet its own old numbers.
  const incarnation = randomBytes(6).toString('hex');
  let version = 0;
  const valueOf = (name: string): string => {
    const provider = providerOfKey(name);
    const fingerprint = fingerprintOf(provider);
    const isMeant = fingerprint !== undefined && name === keyName(provider, fingerprint);
    return isMeant ? (credentials.served(provider)?.reveal() ?? '') : '';
  };
  const send = (stream: SdsStream, names: readonly string[]): void => {
    version += 1;
    stream.write({
      version_info: `${incarnation}-${String(version)}`,
      nonce: String(version),
      type_url: SECRET_TYPE_URL,
      resources: names.map((name) => ({
        type_url: SECRET_TYPE_URL,
        value: encodeGenericSecret(name, valueOf(name)),
      })),
    });
  };
  const stream = (subscriber: SdsStream): void => {
    subscriber.on('data', (request: DiscoveryRequestMessage) => {
      const names = request.resource_names ?? [];
      const known = subscriptions.get(subscriber);
      subscriptions.set(subscriber, names);
      // An acknowledgement repeats what was asked for; only a new question gets an answer.
      if (known === undefined || names.some((name) => !known.includes(name))) {
        send(subscriber, names);
      }
    });
    const forget = (): void => {
      subscriptions.delete(subscriber);
    };
    subscriber.on('end', () => {
      forget();
      subscriber.end();
    });
    subscriber.on('error', forget);
    subscriber.on('cancelled', forget);
  };
  return {
    implementation: { StreamSecrets: stream },
    push(provider) {
      const asking = [...subscriptions].filter(([, names]) => names.some((name) => providerOfKey(name) === provider));
      for (const [subscriber, names] of asking) {
        send(subscriber, names);
      }
      telemetry.keysPushed(asking.length);
    },
  };
}
