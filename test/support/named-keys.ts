import type { KeyRecord } from '../../src/ports/key-store.ts';
import type { Door } from './door.ts';

/** Virtual keys that differ in one thing each, so that a table can name what it is about. */
const RECORDS = {
  good: {},
  narrow: { models: ['small'] },
  chatOnly: { operations: ['chat', 'models'] },
  office: { networks: ['203.0.113.0/24', '2001:db8::/32'] },
  expired: { expiresAtMs: 1_000_000_000_000 },
  revoked: { revokedAtMs: 1_000_000_000_000 },
  bare: { team: undefined, client: 'nobody' },
  blocked: { client: 'blocked-app' },
} as const satisfies Record<string, Partial<KeyRecord>>;

export type KeyName = keyof typeof RECORDS;

export interface NamedKeys {
  readonly text: Readonly<Record<KeyName, string>>;
  /** The name of a key id; undefined where it is none of these. */
  readonly nameOf: (id: unknown) => string | undefined;
}

/** Creates them all in a door's store, and blocks the client `blocked-app`. */
export async function makeNamedKeys(door: Pick<Door, 'createKey' | 'store'>): Promise<NamedKeys> {
  const ids = new Map<string, string>();
  const make = async (name: KeyName): Promise<string> => {
    const { key, id } = await door.createKey(RECORDS[name]);
    ids.set(id, name);
    return key;
  };
  const text = {
    good: await make('good'),
    narrow: await make('narrow'),
    chatOnly: await make('chatOnly'),
    office: await make('office'),
    expired: await make('expired'),
    revoked: await make('revoked'),
    bare: await make('bare'),
    blocked: await make('blocked'),
  };
  await door.store.block({ kind: 'client', value: 'blocked-app', reason: 'a test', atMs: Date.now(), abortStreams: false });
  return { text, nameOf: (id) => (typeof id === 'string' ? ids.get(id) : undefined) };
}
