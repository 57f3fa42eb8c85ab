import { randomBytes } from 'node:crypto';
import type { ServerDuplexStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Credentials } from '../pipeline/ports.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { encodeGenericSecret, SECRET_TYPE_URL } from './definitions.ts';
import type { DiscoveryRequestMessage, DiscoveryResponseMessage } from './messages.ts';

type SdsStream = ServerDuplexStream<DiscoveryRequestMessage, DiscoveryResponseMessage>;

export interface SdsService {
  readonly implementation: UntypedServiceImplementation;
  /** Sends the present value of `name` to every Envoy that asked for it. */
  push(name: string): void;
}

/** Only these names are ever answered with a value: the pepper lives in the same table and must never leave by this door. */
export type IsProvider = (name: string) => boolean;

/**
 * `envoy.service.secret.v3.SecretDiscoveryService`: provider keys, on a socket of their own. An unknown or withheld name is
 * answered empty at once (an unanswered one holds Envoy's start for 15 s); an empty secret injects nothing, which refuses.
 */
export function secretDiscoveryService(credentials: Credentials, isProvider: IsProvider, telemetry: Telemetry): SdsService {
  const subscriptions = new Map<SdsStream, readonly string[]>();
  // On reconnection Envoy sends the version it holds; a restarted process must never meet its own old numbers.
  const incarnation = randomBytes(6).toString('hex');
  let version = 0;
  const send = (stream: SdsStream, names: readonly string[]): void => {
    version += 1;
    stream.write({
      version_info: `${incarnation}-${String(version)}`,
      nonce: String(version),
      type_url: SECRET_TYPE_URL,
      resources: names.map((name) => ({
        type_url: SECRET_TYPE_URL,
        value: encodeGenericSecret(name, isProvider(name) ? (credentials.served(name)?.reveal() ?? '') : ''),
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
    push(name) {
      const asking = [...subscriptions].filter(([, names]) => names.includes(name));
      for (const [subscriber, names] of asking) {
        send(subscriber, names);
      }
      telemetry.keysPushed(asking.length);
    },
  };
}
