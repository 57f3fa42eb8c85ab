import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/core/assert.ts';
import { Secret } from '../../../src/core/secret.ts';
import { openCredentials, type Credentials, type CredentialsOptions } from '../../../src/pipeline/credentials.ts';
import type { Schedule } from '../../../src/pipeline/credential-refresh.ts';
import { SecretError, type SecretAnswer, type SecretSource } from '../../../src/ports/secret-source.ts';

const second = 1_000;
const hour = 3_600_000;

/** A clock that moves only when told, and runs what is due on the way. */
class FakeTime {
  nowMs = 0;
  readonly #due = new Map<object, { readonly atMs: number; readonly run: () => void }>();
  readonly clock = (): number => this.nowMs;
  readonly schedule: Schedule = (delayMs, run) => {
    const key = {};
    this.#due.set(key, { atMs: this.nowMs + delayMs, run });
    return () => void this.#due.delete(key);
  };

  get timers(): readonly number[] {
    return [...this.#due.values()].map(({ atMs }) => atMs - this.nowMs).toSorted((a, b) => a - b);
  }

  async advance(byMs: number): Promise<void> {
    const endMs = this.nowMs + byMs;
    for (;;) {
      await settle();
      const [key, next] = [...this.#due].toSorted(([, a], [, b]) => a.atMs - b.atMs)[0] ?? [];
      if (key === undefined || next === undefined || next.atMs > endMs) {
        break;
      }
      this.#due.delete(key);
      this.nowMs = next.atMs;
      next.run();
    }
    this.nowMs = endMs;
  }
}

/** All promises that can settle now have. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Reply = SecretAnswer | Error | 'silence' | 'deaf';

/** A store that answers as told and counts how often, and how many times at once, it was asked. */
function fakeStore(first: Reply): SecretSource & { reply: Reply; asked: number; running: number; runningMost: number } {
  const store = {
    reply: first,
    asked: 0,
    running: 0,
    runningMost: 0,
    fetch: async (_reference: object, signal: AbortSignal): Promise<SecretAnswer> => {
      store.asked += 1;
      store.running += 1;
      store.runningMost = Math.max(store.runningMost, store.running);
      try {
        return await answer(store.reply, signal);
      } finally {
        store.running -= 1;
      }
    },
  };
  return store;
}

async function answer(reply: Reply, signal: AbortSignal): Promise<SecretAnswer> {
  if (reply === 'silence' || reply === 'deaf') {
    return new Promise((_resolve, reject) => {
      if (reply === 'silence') {
        signal.addEventListener('abort', () => {
          reject(new SecretError('timeout'));
        });
      }
    });
  }
  await settle();
  if (reply instanceof Error) {
    throw reply;
  }
  return reply;
}

const found = (current: string, previous?: string): SecretAnswer => ({
  kind: 'found',
  current: { version: current, value: new Secret(`sk-canary-${current}`) },
  previous: previous === undefined ? undefined : { version: previous, value: new Secret(`sk-canary-${previous}`) },
});

const opened: Credentials[] = [];
afterEach(() => {
  for (const credentials of opened.splice(0)) {
    credentials.close();
  }
});

interface Bench {
  readonly time: FakeTime;
  readonly credentials: Credentials;
  readonly changes: string[];
}

function open(stores: Readonly<Record<string, SecretSource>>, options: Partial<CredentialsOptions> = {}): Bench {
  const time = new FakeTime();
  const credentials = openCredentials({
    entries: Object.keys(stores).map((name) => ({
      name,
      reference: { store: name, path: 'p', field: undefined },
      refreshMs: 60 * second,
      overlapMs: 2 * hour,
    })),
    sources: new Map(Object.entries(stores)),
    clock: time.clock,
    random: () => 0.5,
    schedule: time.schedule,
    ...options,
  });
  opened.push(credentials);
  const changes: string[] = [];
  credentials.onChange((name, { phase, served }) => changes.push(`${name} ${phase}${served ? ' served' : ''}`));
  return { time, credentials, changes };
}

const valueOf = (credentials: Credentials, name: string): string | undefined => credentials.served(name)?.reveal();

/** Timers that would keep the process alive; the test runner has its own. */
const activeTimers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('credentials', () => {
  it('serve each name its own value as soon as the store has answered', async () => {
    const { credentials, changes } = open({ openai: fakeStore(found('1')), anthropic: fakeStore(found('7')) });
    expect(valueOf(credentials, 'openai')).toBeUndefined();
    await credentials.first();
    expect([valueOf(credentials, 'openai'), valueOf(credentials, 'anthropic')]).toEqual(['sk-canary-1', 'sk-canary-7']);
    expect(valueOf(credentials, 'unknown')).toBeUndefined();
    expect(changes).toEqual(['openai active served', 'anthropic active served']);
  });

  it('are none where the store fails, and that holds up no other', async () => {
    const { credentials } = open({ openai: fakeStore(new SecretError('access_denied')), anthropic: fakeStore(found('7')) });
    await credentials.first();
    expect([valueOf(credentials, 'openai'), valueOf(credentials, 'anthropic')]).toEqual([undefined, 'sk-canary-7']);
    expect(credentials.status()).toEqual([
      { name: 'openai', phase: 'absent', ready: false, ageMs: undefined, version: undefined, failure: 'access_denied' },
      { name: 'anthropic', phase: 'active', ready: true, ageMs: 0, version: '7', failure: undefined },
    ]);
  });

  it.each(['silence', 'deaf'] as const)('give a store 2 s and no more: %s', async (reply) => {
    const store = fakeStore(reply);
    const { credentials, time } = open({ openai: store });
    const first = credentials.first().then(() => 'done');
    await time.advance(2 * second - 1);
    expect(await Promise.race([first, settle()])).toBeUndefined();
    await time.advance(1);
    expect(await first).toBe('done');
    expect(credentials.status()[0]?.failure).toBe('timeout');
    store.reply = found('1');
    await time.advance(second);
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-1');
  });

  it('wait 3 s for the first answers at most', async () => {
    const { credentials, time } = open({ openai: fakeStore('deaf') }, { fetchTimeoutMs: 60 * second });
    const first = credentials.first().then(() => 'done');
    await time.advance(3 * second);
    expect(await first).toBe('done');
  });

  it('ignore an answer that comes after the 2 s', async () => {
    const late = Promise.withResolvers<SecretAnswer>();
    let asked = 0;
    const source: SecretSource = { fetch: () => ((asked += 1) === 1 ? late.promise : Promise.resolve(found('2'))) };
    const { credentials, time } = open({ openai: source });
    await time.advance(10 * second);
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-2');
    late.resolve(found('1'));
    await settle();
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-2');
  });

  it.each([
    [0, 48 * second],
    [0.5, 60 * second],
    [0.999_999, 72 * second],
  ])('refresh every 60 s give or take a fifth: %d', async (random, delayMs) => {
    const store = fakeStore(found('1'));
    const { credentials, time } = open({ openai: store }, { random: () => random });
    await credentials.first();
    await time.advance(delayMs - 1);
    expect(store.asked).toBe(1);
    await time.advance(1);
    expect(store.asked).toBe(2);
  });

  it('refresh at least twice within the time that an answer is believed', async () => {
    const store = fakeStore(found('1'));
    const entries = [{ name: 'openai', reference: { store: 'openai', path: 'p', field: undefined }, refreshMs: 24 * hour, overlapMs: 0 }];
    const { credentials, time } = open({ openai: store }, { entries, random: () => 0.999_999 });
    await credentials.first();
    store.reply = found('2');
    await time.advance(15 * hour);
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-2');
  });

  it('back off while a store fails, and go on serving the last good value for 24 h', async () => {
    const store = fakeStore(found('1'));
    const { credentials, time, changes } = open({ openai: store });
    await credentials.first();
    store.reply = new SecretError('unreachable');
    const askedAtMs: number[] = [];
    for (let elapsed = 0; elapsed < 200; elapsed += 1) {
      const before = store.asked;
      await time.advance(second);
      if (store.asked > before) {
        askedAtMs.push(time.nowMs / second);
      }
    }
    expect(askedAtMs).toEqual([60, 61, 63, 67, 75, 91, 123, 183]);
    await time.advance(24 * hour - 200 * second - 1);
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-1');
    await time.advance(1);
    expect(valueOf(credentials, 'openai')).toBeUndefined();
    expect(changes).toEqual(['openai active served', 'openai stale', 'openai expired served']);
    store.reply = found('1');
    await time.advance(60 * second);
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-1');
  });

  it('ask a failing store no less often than a working one', async () => {
    const store = fakeStore(new SecretError('unreachable'));
    const entries = [{ name: 'openai', reference: { store: 'openai', path: 'p', field: undefined }, refreshMs: 2 * second, overlapMs: 0 }];
    const { time } = open({ openai: store }, { entries });
    await time.advance(60 * second);
    expect(store.asked).toBe(31);
  });

  it('forget the back-off once a store answers', async () => {
    const store = fakeStore(new SecretError('throttled'));
    const { credentials, time } = open({ openai: store });
    await time.advance(40 * second);
    store.reply = found('1');
    await time.advance(60 * second);
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-1');
    store.reply = new SecretError('throttled');
    await credentials.refreshNow('openai');
    expect(time.timers[0]).toBe(second);
  });

  it('follow a rotation within one refresh', async () => {
    const store = fakeStore(found('1'));
    const { credentials, time, changes } = open({ openai: store });
    await credentials.first();
    store.reply = found('2', '1');
    await time.advance(60 * second);
    await settle();
    expect([valueOf(credentials, 'openai'), credentials.servedVersion('openai')]).toEqual(['sk-canary-2', '2']);
    await time.advance(3 * hour);
    expect(changes).toEqual(['openai active served', 'openai overlap served', 'openai active']);
  });

  it('stop serving what the store says is gone, and start again when it is back', async () => {
    const store = fakeStore(found('1'));
    const { credentials, changes } = open({ openai: store });
    await credentials.first();
    store.reply = { kind: 'gone' };
    await credentials.refreshNow('openai');
    expect(valueOf(credentials, 'openai')).toBeUndefined();
    store.reply = found('1');
    await credentials.refreshNow('openai');
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-1');
    expect(changes).toEqual(['openai active served', 'openai gone served', 'openai active served']);
  });

  it('fall back after a rejection, and return at the end of the overlap', async () => {
    const store = fakeStore(found('2', '1'));
    const { credentials, time, changes } = open({ openai: store });
    await credentials.first();
    credentials.reject('openai', '2');
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-1');
    await time.advance(2 * hour);
    await settle();
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-2');
    expect(changes).toEqual(['openai overlap served', 'openai fallback served', 'openai active served']);
    credentials.reject('unknown', '1');
  });

  it('raise an alarm and go on when everything is rejected', async () => {
    const { credentials } = open({ openai: fakeStore(found('1')) });
    await credentials.first();
    credentials.reject('openai', '1');
    expect(credentials.status()).toMatchObject([{ phase: 'rejected', ready: true, version: '1' }]);
  });

  it('never serve a revoked version again', async () => {
    const store = fakeStore(found('2', '1'));
    const { credentials } = open({ openai: store });
    await credentials.first();
    credentials.revoke('openai');
    expect(valueOf(credentials, 'openai')).toBeUndefined();
    await credentials.refreshNow('openai');
    expect(valueOf(credentials, 'openai')).toBeUndefined();
    store.reply = found('3', '2');
    await credentials.refreshNow('openai');
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-3');
  });

  it('ask once at a time, however many want an answer', async () => {
    const store = fakeStore(found('1'));
    const { credentials, time } = open({ openai: store });
    await Promise.all([credentials.refreshNow('openai'), credentials.refreshNow('openai'), credentials.first()]);
    expect(store.asked).toBe(1);
    await time.advance(30 * second);
    await Promise.all([credentials.refreshNow('openai'), credentials.refreshNow('openai')]);
    expect([store.asked, store.runningMost]).toEqual([2, 1]);
    // The refresh that was due stands no more beside the one that was asked for.
    await time.advance(59 * second);
    expect(store.asked).toBe(2);
    await credentials.refreshNow('unknown');
  });

  it.each([
    ['an error that is no SecretError', new TypeError('sk-canary'), 'internal'],
    ['an empty value', { kind: 'found', current: { version: 'e', value: new Secret('') }, previous: undefined } as const, 'bad_value'],
  ])('keep the last good value after %s', async (_what, reply, failure) => {
    const store = fakeStore(found('1'));
    const { credentials } = open({ openai: store });
    await credentials.first();
    store.reply = reply;
    await credentials.refreshNow('openai');
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-1');
    expect(credentials.status()).toMatchObject([{ phase: 'stale', failure }]);
  });

  it('show no value in anything but served', async () => {
    const { credentials } = open({ openai: fakeStore(found('1')) });
    const seen: unknown[] = [];
    credentials.onChange((...change) => seen.push(change));
    await credentials.first();
    const shown = inspect([seen, credentials.status(), credentials, credentials.served('openai')], { depth: 20, showHidden: true });
    expect(shown).not.toContain('canary');
  });

  it('tell every listener until it stops', async () => {
    const store = fakeStore(found('1'));
    const { credentials, changes } = open({ openai: store });
    let heard = 0;
    const stop = credentials.onChange(() => (heard += 1));
    await credentials.first();
    stop();
    store.reply = found('2');
    await credentials.refreshNow('openai');
    expect([heard, changes.length]).toEqual([1, 2]);
  });

  it('leave no timer and no question behind when closed', async () => {
    const store = fakeStore('silence');
    const { credentials, time, changes } = open({ openai: store, anthropic: fakeStore(found('1')) });
    await settle();
    await settle();
    credentials.close();
    await settle();
    expect([store.running, time.timers.length]).toEqual([0, 0]);
    await time.advance(24 * hour);
    expect(store.asked).toBe(1);
    expect(changes).toEqual(['anthropic active served']);
    await credentials.refreshNow('openai');
    expect(store.asked).toBe(1);
  });

  it('are refused when an entry names no open store or is listed twice', () => {
    const entry = { name: 'openai', reference: { store: 'vault', path: 'p', field: undefined }, refreshMs: second, overlapMs: 0 };
    expect(() => open({}, { entries: [entry] })).toThrow(InvariantError);
    const sources = new Map([['vault', fakeStore(found('1'))]]);
    expect(() => open({}, { entries: [entry, entry], sources })).toThrow(InvariantError);
  });

  it('run on real timers that keep no process alive', async () => {
    const before = activeTimers();
    const credentials = openCredentials({
      entries: [{ name: 'openai', reference: { store: 's', path: 'p', field: undefined }, refreshMs: hour, overlapMs: hour }],
      sources: new Map([['s', fakeStore(found('1'))]]),
      clock: () => performance.now(),
      random: Math.random,
    });
    opened.push(credentials);
    await credentials.first();
    expect(valueOf(credentials, 'openai')).toBe('sk-canary-1');
    expect(activeTimers()).toBe(before);
  });
});
