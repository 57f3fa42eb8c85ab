import type { Socket } from 'node:net';
import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import { never } from '../../core/assert.ts';
import type { Secret } from '../../core/secret.ts';
import type { Address } from './address.ts';

/** What the ledger uses of a connection, be it to one server or to a cluster. */
export interface Client {
  readonly status: string;
  evalsha(sha: string, keys: number, ...values: readonly (string | number)[]): Promise<unknown>;
  eval(text: string, keys: number, ...values: readonly (string | number)[]): Promise<unknown>;
  on(event: string, listener: (error: unknown) => void): unknown;
  /** Of the connection to one server, once there is one. */
  readonly stream?: Pick<Socket, 'cork' | 'uncork'>;
  disconnect(): void;
}

export interface ConnectOptions {
  readonly address: Address;
  readonly password: Secret | undefined;
  /** Of the sentinels, where they have one of their own. */
  readonly sentinelPassword: Secret | undefined;
  /** Certificates to trust in place of the system's, PEM. */
  readonly ca: string | undefined;
}

const connectMsMax = 500;
/** A connection on which an answer is awaited this long without a byte is given up: with a question each second, within 2 s. */
const silenceMsMax = 800;
const closeMsMax = 100;
const slotsRefreshIntervalMs = 1_000;
/** While a slot moves: a question is not asked again for longer than its asker waits. */
const tryAgainMs = 10;
const redirectionsMax = 4;
const retryMsMin = 25;
const retryMsMax = 1_000;
const retryJitterMs = 50;

/** Again and again, ever slower up to a second, and not all processes at once. */
const retryMs = (attempt: number): number =>
  Math.min(retryMsMin * 2 ** Math.min(attempt - 1, 10), retryMsMax) + Math.random() * retryJitterMs;

/**
 * Connects and stays connected. Nothing is queued while there is no connection, and nothing is sent twice: a question that has no answer
 * in time is the asker's to repeat, under the same id.
 */
export function connect({ address, password, sentinelPassword, ca }: ConnectOptions): Client {
  const common = {
    ...(address.username !== undefined && { username: address.username }),
    ...(password !== undefined && { password: password.reveal() }),
    ...(address.isTls && { tls: ca === undefined ? {} : { ca } }),
    connectTimeout: connectMsMax,
    disconnectTimeout: closeMsMax,
    socketTimeout: silenceMsMax,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A primary that became a replica: find the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    connectionName: 'sallyport',
  } satisfies RedisOptions;
  switch (address.kind) {
    case 'standalone':
      return new Redis({ ...common, ...address.endpoint, db: address.database, retryStrategy: retryMs });
    case 'sentinel':
      return new Redis({
        ...common,
        sentinels: [...address.endpoints],
        name: address.name,
        ...(sentinelPassword !== undefined && { sentinelPassword: sentinelPassword.reveal() }),
        ...(address.isTls && { enableTLSForSentinelMode: true, sentinelTLS: ca === undefined ? {} : { ca } }),
        sentinelCommandTimeout: connectMsMax,
        sentinelRetryStrategy: retryMs,
        retryStrategy: retryMs,
      });
    case 'cluster': {
      const { enableOfflineQueue, ...redisOptions } = common;
      return new Cluster([...address.endpoints], {
        redisOptions,
        enableOfflineQueue,
        clusterRetryStrategy: retryMs,
        // A question that was cut off may have been done: it is not sent to another node by itself.
        retryDelayOnFailover: 0,
        retryDelayOnClusterDown: 0,
        retryDelayOnTryAgain: tryAgainMs,
        maxRedirections: redirectionsMax,
        slotsRefreshTimeout: connectMsMax,
        slotsRefreshInterval: slotsRefreshIntervalMs,
      } satisfies ClusterOptions);
    }
    default:
      return never(address);
  }
}
