import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, observe, type Answered } from '../support/ask.ts';
import { openDoor, type Door, type LogLine } from '../support/door.ts';
import type { TestProvider } from '../support/provider.ts';
import { makeIdentities, type Identities } from '../support/identities.ts';
import { makeNamedKeys, type NamedKeys } from '../support/named-keys.ts';
import { CASES, type Case, type Material } from './equivalence-cases.ts';

const CHAINS = ['authz+proc', 'proc'] as const;

interface Chain {
  readonly door: Door;
  readonly keys: NamedKeys;
}

/** Everything of an exchange that must not depend on the chain. */
interface Outcome {
  readonly status: number;
  readonly shape: string | undefined;
  readonly contentType: string | undefined;
  /** Refusals must be equal to the byte; answers carry ids and times of their own. */
  readonly refusal: string | undefined;
  readonly arrived: readonly string[];
  readonly line: LogLine | undefined;
}

const COMPARED = [
  'disposition',
  'code',
  'caller',
  'client',
  'user',
  'team',
  'tier',
  'issuer',
  'address',
  'operation',
  'model',
  'provider',
  'attempts',
  'status',
  'ending',
  'requestBytes',
] as const;

describe('both chains judge alike', () => {
  let identities: Identities;
  let chains: readonly Chain[];
  beforeAll(async () => {
    identities = makeIdentities();
    chains = await Promise.all(
      CHAINS.map(async (chain) => {
        const door = await openDoor({
          settings: (raw) => {
            raw.edge.chain = chain;
            raw.edge.trustedHops = 1;
            identities.apply(raw);
          },
        });
        return { door, keys: await makeNamedKeys(door) };
      }),
    );
  });
  afterAll(async () => {
    await Promise.all(chains.map(({ door }) => door[Symbol.asyncDispose]()));
    identities[Symbol.dispose]();
  });

  it.each(CASES)('$what: $status $code', async (tried) => {
    const [first, second] = await Promise.all(chains.map((chain) => outcomeOf(chain, identities, tried)));
    expect(first?.status).toBe(tried.status);
    expect(first?.line?.['code']).toBe(tried.code);
    expect(second).toEqual(first);
  });

  it('the line of a stranger tells where the request came from', async () => {
    for (const { door } of chains) {
      const seen = await observe(door, { headers: [['x-forwarded-for', '203.0.113.9']] });
      expect(seen).toMatchObject({ status: 401, line: { code: 'credential_missing', address: '203.0.113.9' } });
    }
  });

  it('no credential of a client ever reached a provider', () => {
    for (const { door, keys } of chains) {
      const seen = providersOf(door).flatMap(([, provider]) => provider.requests.map((request) => JSON.stringify(request.headers)));
      expect(seen.length).toBeGreaterThan(10);
      const secrets = [...Object.values(keys.text), 'eyJ', 'Bearer vk_'];
      expect(seen.filter((headers) => secrets.some((secret) => headers.includes(secret)))).toEqual([]);
    }
  });
});

async function outcomeOf({ door, keys }: Chain, identities: Identities, tried: Case): Promise<Outcome> {
  const material: Material = { door, keys: keys.text, identities, certificates: door.certificates };
  const undo = tried.provider?.(door);
  const providers = providersOf(door);
  const before = new Map(providers.map(([name, provider]) => [name, provider.requests.length]));
  try {
    const asked = tried.ask(material);
    const seen: Answered & { readonly line?: LogLine } = tried.silent === true ? await ask(door, asked) : await observe(door, asked);
    return {
      status: seen.status,
      shape: seen.shape,
      contentType: seen.headers['content-type'],
      refusal: seen.status === 200 ? undefined : seen.text,
      arrived: providers.flatMap(([name, provider]) =>
        provider.requests
          .slice(before.get(name))
          .map(({ method, path, body, headers }) =>
            [name, method, path, body.toString(), ...headers.flat().filter((text) => !/^127\.0\.0\.1:\d+$/u.test(text))].join(' '),
          ),
      ),
      line: seen.line && comparable(seen.line, keys),
    };
  } finally {
    undo?.();
  }
}

const providersOf = (door: Door): readonly (readonly [string, TestProvider])[] => Object.entries(door.providers);

const comparable = (line: LogLine, keys: NamedKeys): LogLine => ({
  ...Object.fromEntries(COMPARED.map((name) => [name, line[name]])),
  key: keys.nameOf(line['key']),
});
