import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RecordedRequest } from '../../src/cli/demo/provider-answer.ts';
import { openDoor, PROVIDER_KEYS, type Door } from '../support/door.ts';
import { warmUp } from '../support/load.ts';
import { addOrderModels, modelOf, ORDERS, postChat, wireOf, type ChatOptions, type ProviderName } from '../support/orders.ts';
import type { Behaviour } from '../support/provider-behaviour.ts';
import { until } from '../support/wait.ts';

const status = (code: number): Behaviour => ({ kind: 'status', status: code, body: { error: { message: 'a provider trouble' } } });

/** What can go wrong with a target before its answer. `refuses` is done to the provider as a whole. */
const FAULTS = {
  'answers 503': status(503),
  'answers 500': status(500),
  'answers 429': status(429),
  'resets at arrival': { kind: 'reset-at-arrival' },
  'answers early': { kind: 'early', status: 503, body: { error: { message: 'too busy to read' } } },
  'hangs before headers': { kind: 'hang-before-headers' },
  refuses: undefined,
} as const satisfies Record<string, Behaviour | undefined>;
type FaultName = keyof typeof FAULTS;
const faultNames: readonly FaultName[] = [
  'answers 503',
  'answers 500',
  'answers 429',
  'resets at arrival',
  'answers early',
  'hangs before headers',
  'refuses',
];

let door: Door;
let key: string;
const provider = (name: ProviderName): Door['providers'][ProviderName] => door.providers[name];
const last = (name: ProviderName): RecordedRequest | undefined => provider(name).requests.at(-1);
const arrivedAt = (name: ProviderName): number => provider(name).traffic().requests;

beforeAll(async () => {
  door = await openDoor({
    basePaths: { beta: '/eu/west', gamma: '/openai' },
    settings(settings) {
      addOrderModels(settings, '300ms');
      for (const name of ['beta', 'gamma'] as const) {
        const declared = settings.providers[name];
        if (declared !== undefined) {
          declared.url = `${declared.url}/v1`;
        }
      }
      settings.policies['standard'] = { models: ['*'] };
      settings.policies['alpha-only'] = { models: ['*'], providers: ['alpha'] };
      const gamma = settings.providers['gamma'];
      if (gamma !== undefined) {
        settings.providers['dark'] = { ...gamma, credential: { secret: 'file:secrets/none-here' } };
        settings.providers['house'] = { ...gamma, credential: 'none' };
      }
      settings.models['house'] = { targets: [{ provider: 'house', model: 'house-large' }] };
      settings.models['alpha-house'] = {
        targets: [
          { provider: 'alpha', model: 'alpha-large' },
          { provider: 'house', model: 'house-large' },
        ],
      };
      settings.models['alpha-twice'] = {
        targets: [
          { provider: 'alpha', model: 'alpha-large' },
          { provider: 'alpha', model: 'alpha-small' },
        ],
      };
      settings.models['claude-again'] = {
        targets: [
          { provider: 'claude', model: 'claude-model' },
          { provider: 'claude', model: 'claude-model' },
        ],
      };
      settings.models['dark-beta'] = {
        targets: [
          { provider: 'dark', model: 'gamma-large' },
          { provider: 'beta', model: 'beta-large' },
        ],
      };
    },
  });
  ({ key } = await door.createKey());
  await warmUp(door, key);
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
});
afterEach(() => {
  for (const name of ['alpha', 'beta', 'gamma'] as const) {
    provider(name).reset();
  }
});

/** Breaks a provider; returns how to mend it. */
async function breakProvider(name: ProviderName, fault: FaultName): Promise<() => Promise<void>> {
  const behaviour = FAULTS[fault];
  if (behaviour === undefined) {
    await provider(name).refuse();
    return () => provider(name).accept();
  }
  const mend = provider(name).behave(behaviour);
  return () => {
    mend();
    return Promise.resolve();
  };
}

/** The bytes that a provider gets for this chat when it is the first target. */
async function firstAttempt(name: ProviderName, options: ChatOptions = {}): Promise<object | undefined> {
  const answer = await postChat(door, key, modelOf([name]), options);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  return wireOf(last(name));
}

const postMessage = (model: string): Promise<Response> =>
  fetch(`${door.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model, max_tokens: 10, messages: [{ role: 'user', content: 'hello' }] }),
  });

const cases = ORDERS.filter((order) => order.length > 1).flatMap((order) =>
  faultNames.map((fault, index) => ({
    order,
    // The second of three fails in another way than the first.
    faults: order.slice(0, -1).map((_, position) => faultNames[(index + position * 2) % faultNames.length] ?? fault),
  })),
);

describe.each(cases)('order $order, of which the first $faults', ({ order, faults }) => {
  it('gives the next target the bytes of a first attempt, and leaves its connection usable', async () => {
    const winner = order[order.length - 1] ?? order[0];
    const options = { text: `order ${order.join()} ${faults.join()} "é", ${'x'.repeat(order.length)}` };
    const expected = await firstAttempt(winner, options);
    const arrivedBefore = new Map(order.map((name) => [name, arrivedAt(name)]));
    const mends = await Promise.all(faults.map((fault, index) => breakProvider(order[index] ?? winner, fault)));
    const answer = await postChat(door, key, modelOf(order, faults.includes('hangs before headers')), options);
    await Promise.all(mends.map((mend) => mend()));
    expect(answer.status).toBe(200);
    await expect(answer.json()).resolves.toMatchObject({ model: `${winner}-large` });
    expect(wireOf(last(winner))).toEqual(expected);
    for (const [index, name] of order.entries()) {
      expect(arrivedAt(name) - (arrivedBefore.get(name) ?? 0), name).toBe(faults[index] === 'refuses' ? 0 : 1);
    }
    const connection = last(winner)?.connection;
    for (const name of order) {
      const next = await postChat(door, key, modelOf([name]), { text: 'the next caller' });
      expect(next.status).toBe(200);
      expect(last(name)).toMatchObject({ complete: true });
      expect(JSON.parse(last(name)?.body.toString() ?? '')).toEqual({
        model: `${name}-large`,
        messages: [{ role: 'user', content: 'the next caller' }],
      });
    }
    expect(last(winner)?.connection).toBe(connection);
  });
});

const textOf = (bytes: number): string => 'A long text, "quoted". '.repeat(Math.ceil(bytes / 23)).slice(0, bytes);

describe.each([200_000, 5 * 1_024 * 1_024])('a body of %i bytes', (bytes) => {
  it.each(['answers 503', 'answers early', 'resets at arrival', 'refuses'] as const)('survives a target that %s', async (fault) => {
    const options = { text: textOf(bytes) };
    const expected = await firstAttempt('beta', options);
    const mend = await breakProvider('alpha', fault);
    const answer = await postChat(door, key, 'alpha-beta', options);
    await mend();
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
    expect(wireOf(last('beta'))).toEqual(expected);
  });
});

it('fails over inside a streaming request, before its first byte', async () => {
  const options = { more: { stream: true, stream_options: { include_usage: true } }, text: 'a streamed answer that takes several pieces' };
  const expected = await firstAttempt('beta', options);
  provider('alpha').behave(status(503));
  const answer = await postChat(door, key, 'alpha-beta', options);
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const text = await answer.text();
  expect(text).toContain('beta-large');
  expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  expect(wireOf(last('beta'))).toEqual(expected);
});

it('gives no key of the failed target to one that needs none', async () => {
  provider('gamma').behave({ kind: 'status', status: 200, body: { object: 'chat.completion' } });
  await (await postChat(door, key, 'house')).arrayBuffer();
  const expected = wireOf(last('gamma'));
  provider('alpha').behave(status(503));
  expect((await postChat(door, key, 'alpha-house')).status).toBe(200);
  expect(wireOf(last('gamma'))).toEqual(expected);
  expect(JSON.stringify(last('gamma')?.headers)).not.toMatch(/authorization|sk-alpha/i);
});

it.each([503, 529])('gives a later attempt at Anthropic’s API, after a %i, the bytes of a first one', async (code) => {
  await (await postMessage('claude')).arrayBuffer();
  const expected = wireOf(door.providers.claude.requests.at(-1));
  const before = door.providers.claude.traffic().requests;
  door.providers.claude.behave(status(code), { times: 1 });
  expect((await postMessage('claude-again')).status).toBe(200);
  expect(wireOf(door.providers.claude.requests.at(-1))).toEqual(expected);
  expect(door.providers.claude.traffic().requests).toBe(before + 2);
});

it('tries another model of the same provider', async () => {
  provider('alpha').behave(status(503), { times: 1 });
  const answer = await postChat(door, key, 'alpha-twice');
  await expect(answer.json()).resolves.toMatchObject({ model: 'alpha-small' });
});

describe('a target that must not be tried', () => {
  it('is never reached where the policy does not allow its provider; the client sees the first target’s own error', async () => {
    const narrow = await door.createKey({ policy: 'alpha-only' });
    const before = [provider('beta').traffic(), provider('gamma').traffic()];
    provider('alpha').behave({
      kind: 'status',
      status: 503,
      body: { error: { message: 'alpha is busy' } },
      headers: [['retry-after', '7']],
    });
    const answer = await postChat(door, narrow.key, 'alpha-beta-gamma');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('7');
    await expect(answer.json()).resolves.toEqual({ error: { message: 'alpha is busy' } });
    expect([provider('beta').traffic(), provider('gamma').traffic()]).toEqual(before);
  });

  it('is skipped where the policy allows only a later one, which gets a first attempt', async () => {
    const narrow = await door.createKey({ policy: 'alpha-only' });
    const expected = await firstAttempt('alpha');
    const before = provider('beta').traffic();
    const answer = await postChat(door, narrow.key, 'beta-alpha');
    expect(answer.status).toBe(200);
    expect(wireOf(last('alpha'))).toEqual(expected);
    expect(provider('beta').traffic()).toEqual(before);
  });

  it('is skipped where its key is missing', async () => {
    const expected = await firstAttempt('beta');
    const before = provider('gamma').traffic();
    const answer = await postChat(door, key, 'dark-beta');
    expect(answer.status).toBe(200);
    expect(wireOf(last('beta'))).toEqual(expected);
    expect(provider('gamma').traffic()).toEqual(before);
  });
});

describe('when every target fails', () => {
  it('the client gets the last one’s own answer', async () => {
    provider('alpha').behave(status(500));
    provider('beta').behave({ kind: 'status', status: 429, body: { error: { message: 'beta is busy' } }, headers: [['retry-after', '9']] });
    const answer = await postChat(door, key, 'alpha-beta');
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('9');
    await expect(answer.json()).resolves.toEqual({ error: { message: 'beta is busy' } });
  });

  it.each([
    { fault: 'hangs before headers', code: 504 },
    { fault: 'resets at arrival', code: 503 },
    { fault: 'refuses', code: 503 },
  ] as const)('because it $fault, the client gets $code in the API’s shape', async ({ fault, code }) => {
    const mends = await Promise.all((['alpha', 'beta'] as const).map((name) => breakProvider(name, fault)));
    const answer = await postChat(door, key, modelOf(['alpha', 'beta'], true));
    await Promise.all(mends.map((mend) => mend()));
    expect(answer.status).toBe(code);
    await expect(answer.json()).resolves.toMatchObject({ error: { type: 'server_error' } });
  });
});

describe('nothing is tried again', () => {
  it.each(['end', 'reset'] as const)('after the first byte of a stream (cut by %s): the client sees the cut', async (how) => {
    const before = [provider('beta').traffic(), arrivedAt('alpha')];
    provider('alpha').behave({ kind: 'close-mid-stream', afterChunks: 1, how });
    const answer = await postChat(door, key, 'alpha-beta', { more: { stream: true } });
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow('terminated');
    expect([provider('beta').traffic(), arrivedAt('alpha') - 1]).toEqual(before);
  });

  it.each(['end', 'reset'] as const)(
    'after the head of a short answer (cut by %s): the client sees a 502, because nothing was passed on yet',
    async (how) => {
      const before = [provider('beta').traffic(), arrivedAt('alpha')];
      provider('alpha').behave({ kind: 'close-mid-stream', afterChunks: 1, how });
      const answer = await postChat(door, key, 'alpha-beta');
      expect(answer.status).toBe(502);
      await expect(answer.json()).resolves.toMatchObject({ error: { code: 'provider_unavailable' } });
      expect([provider('beta').traffic(), arrivedAt('alpha') - 1]).toEqual(before);
    },
  );

  it('where the only target answers 503', async () => {
    const before = arrivedAt('alpha');
    provider('alpha').behave(status(503));
    const answer = await postChat(door, key, 'alpha');
    expect(answer.status).toBe(503);
    await expect(answer.json()).resolves.toEqual({ error: { message: 'a provider trouble' } });
    expect(arrivedAt('alpha')).toBe(before + 1);
  });

  it('more than once where the only target refuses connections', async () => {
    const failures = (): Promise<number> => door.envoy.stat('cluster.alpha.upstream_cx_connect_fail');
    const before = await failures();
    const mend = await breakProvider('alpha', 'refuses');
    const answer = await postChat(door, key, 'alpha');
    await mend();
    expect(answer.status).toBe(503);
    expect((await failures()) - before).toBe(2);
  });

  it('because a client asks for it', async () => {
    const headers = {
      'x-envoy-attempt-count': '2',
      'x-envoy-retry-on': '5xx,retriable-4xx',
      'x-envoy-max-retries': '5',
      'x-envoy-retriable-status-codes': '503',
      'x-envoy-upstream-rq-timeout-ms': '1',
      'x-envoy-upstream-rq-per-try-timeout-ms': '1',
      'x-envoy-hedge-on-per-try-timeout': 'true',
      'x-sallyport-route': 'model-1',
    };
    const expected = await firstAttempt('alpha');
    const answer = await postChat(door, key, 'alpha', { headers });
    expect(answer.status).toBe(200);
    expect(wireOf(last('alpha'))).toEqual(expected);
    const before = arrivedAt('alpha');
    provider('alpha').behave(status(503));
    expect((await postChat(door, key, 'alpha', { headers })).status).toBe(503);
    expect(arrivedAt('alpha')).toBe(before + 1);
  });
});

/** A sidecar's log names the provider that refused our key, and how. */
const isNamed = (name: string, answered: number): boolean =>
  door.sidecars.some((sidecar) =>
    sidecar
      .stdout()
      .split('\n')
      .some(
        (line) =>
          line.includes('"the provider refused our key"') && line.includes(`"${name}"`) && line.includes(`"status":${String(answered)}`),
      ),
  );

describe.each([401, 403])('a provider that answers %i to our key', (code) => {
  const words = `Incorrect API key provided: ${PROVIDER_KEYS.alpha.slice(0, 12)}`;
  const answers: Behaviour = {
    kind: 'status',
    status: code,
    body: { error: { message: words } },
    headers: [['www-authenticate', 'Bearer realm="canary"']],
  };

  it('is a 502 of ours in OpenAI’s shape, and the next target is not tried', async () => {
    const before = provider('beta').traffic();
    provider('alpha').behave(answers);
    const answer = await postChat(door, key, 'alpha-beta');
    expect(answer.status).toBe(502);
    expect([...answer.headers.keys()].toSorted()).toEqual(['content-length', 'content-type', 'date', 'server', 'x-request-id']);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'provider_credential_rejected', type: 'server_error' } });
    expect(text).not.toContain('Incorrect');
    expect(provider('beta').traffic()).toEqual(before);
    await until(() => isNamed('alpha', code), { deadlineMs: 5_000, what: 'the log to name the provider' });
  });

  it('is a 502 of ours in Anthropic’s shape', async () => {
    door.providers.claude.behave(answers, { times: 1 });
    const answer = await postMessage('claude');
    expect(answer.status).toBe(502);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect(text).not.toContain('Incorrect');
    await until(() => isNamed('claude', code), { deadlineMs: 5_000, what: 'the log to name the provider' });
  });
});

it('says in one line per exchange who answered, after how many attempts', async () => {
  provider('alpha').behave(status(503));
  provider('gamma').behave(status(429));
  await (await postChat(door, key, 'gamma-alpha-beta')).arrayBuffer();
  const line = await until(
    () => door.exchanges().find((each) => each['model'] === 'gamma-alpha-beta' && each['attempts'] === 3 && each['code'] === undefined),
    {
      deadlineMs: 5_000,
      what: 'the exchange to be reported',
    },
  );
  expect(line).toMatchObject({ provider: 'beta', status: 200, ending: 'complete', disposition: 'released' });
});
