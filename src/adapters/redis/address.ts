const redisPort = 6_379;
const sentinelPort = 26_379;
const portMax = 65_535;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where the store is, as a URL says it. */
export type Address = Place & { readonly isTls: boolean; readonly username: string | undefined };

type Place =
  | { readonly kind: 'standalone'; readonly endpoint: Endpoint; readonly database: number }
  | { readonly kind: 'sentinel'; readonly endpoints: readonly Endpoint[]; readonly name: string }
  | { readonly kind: 'cluster'; readonly endpoints: readonly Endpoint[] };

const forms = 'redis://host:6379, redis-sentinel://host1:26379,host2:26379/name or redis-cluster://host1:6379,host2:6379 (rediss… for TLS)';
const pattern = /^redis(s?)(?:-(sentinel|cluster))?:\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^/?#]*))?$/;
const hostPattern = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/;
const databasePattern = /^\d{1,3}$/;

/** Throws an `Error` that says what a URL of the store looks like; it never repeats the URL, which may hold a password. */
export function parseAddress(url: string): Address {
  const [matched, secure, kind, user = '', hosts = '', path = ''] = pattern.exec(url) ?? [];
  if (matched === undefined) {
    throw new Error(`the URL of the Redis store has none of the forms ${forms}`);
  }
  if (user.includes(':')) {
    throw new Error('the URL of the Redis store holds a password: remove it, and give the password as a secret of its own');
  }
  const endpoints = hosts.split(',').map((host) => parseEndpoint(host, kind === 'sentinel' ? sentinelPort : redisPort));
  return { isTls: secure === 's', username: user === '' ? undefined : decodeURIComponent(user), ...parsePlace(kind, endpoints, path) };
}

function parsePlace(kind: string | undefined, endpoints: readonly Endpoint[], path: string): Place {
  if (kind === 'sentinel') {
    if (path === '') {
      throw new Error(`the URL of the Redis store lacks the name that the sentinels know its primary by; write one of ${forms}`);
    }
    return { kind, endpoints, name: decodeURIComponent(path) };
  }
  if (kind === 'cluster') {
    if (path !== '') {
      throw new Error('a Redis cluster has no numbered databases: remove what follows the hosts from the URL of the Redis store');
    }
    return { kind, endpoints };
  }
  const [endpoint, ...others] = endpoints;
  if (endpoint === undefined || others.length > 0 || !(path === '' || databasePattern.test(path))) {
    throw new Error(`the URL of the Redis store has none of the forms ${forms}`);
  }
  return { kind: 'standalone', endpoint, database: Number(path) };
}

function parseEndpoint(text: string, defaultPort: number): Endpoint {
  const [, ipv6, name, port] = hostPattern.exec(text) ?? [];
  const host = ipv6 ?? name;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number === 0 || number > portMax) {
    throw new Error(`a host in the URL of the Redis store is not host or host:port; write one of ${forms}`);
  }
  return { host, port: number };
}
