import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openKeyStore } from '../../src/adapters/sqlite/key-store.ts';
import { routeOf } from '../../src/config/fingerprint.ts';
import { must } from '../../src/core/assert.ts';
import { openDoor, PROVIDER_KEYS, type Door } from '../support/door.ts';
import { pieceAt, PROC, putAt, withVariants } from '../support/envoy-variants.ts';
import { fakeService, startFakeSidecar, type FakeSidecar } from '../support/fake-sidecar.ts';
import { healthPage, metric } from '../support/metrics.ts';
import { headerValues } from '../support/raw-answer.ts';
import { CHAT_TEXT, refusalIn, sendRawTo, withNothingArriving, type Refused } from '../support/raw-ask.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';

const openai = (status: number, code: string): Refused => ({ status, shape: 'openai', code });
const undecided = openai(503, 'decision_unavailable');
const unavailable = openai(503, 'model_unavailable');
const withheld = openai(503, 'provider_unavailable');
const served: Refused = { status: 200, shape: undefined, code: undefined };
const deadlineMs = 10_000;

const readiness = z.object({ ready: z.boolean(), parts: z.record(z.string(), z.boolean()) });
async function readyOf(door: Door): Promise<z.infer<typeof readiness> & { readonly status: number }> {
  const [sidecar] = door.sidecars;
  must(sidecar !== undefined, 'the door has a sidecar');
  const page = await healthPage(sidecar, '/readyz');
  return { status: page.status, ...readiness.parse(await page.json()) };
}

const chatOf = (model: string): string => CHAT_TEXT.replace('large', model);

describe('a provider key', () => {
  const directory = makeTempDir();
  let door: Door;
  let fake: FakeSidecar;
  let key: string;
  beforeAll(async () => {
    fake = await startFakeSidecar(directory.file('fake.sock'), () => {
      const model = door.settings.models.get('large');
      must(model !== undefined, 'there is a model large');
      return { route: routeOf(model), authority: door.providers.alpha.url.replace('http://', ''), ungated: 'alpha' };
    });
    door = await openDoor({
      settings: (settings) => {
        const beta = settings.providers['beta'];
        must(beta !== undefined, 'the door has a beta');
        beta.credential = { secret: 'file:secrets/beta-later', refresh: '1s' };
        settings.models['beta'] = { targets: [{ provider: 'beta', model: 'beta-large' }] };
        settings.policies['standard'] = { models: ['*'] };
      },
      envoy: (text) =>
        withVariants(
          text,
          { allowed: (listener) => putAt(listener, [...PROC, 'typed_config', 'grpc_service'], fakeService('allow')) },
          (config) => {
            const clusters = pieceAt(config, ['static_resources', 'clusters']);
            must(Array.isArray(clusters), 'clusters are a list');
            clusters.push(fake.cluster);
          },
        ),
    });
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    await fake[Symbol.asyncDispose]();
    directory.remove();
  });

  const ask = async (model: string): Promise<Refused> => refusalIn(await sendRawTo(door, { key, body: chatOf(model) }));
  const untilAsked = (model: string, expected: Refused): Promise<boolean> =>
    until(async () => isDeepStrictEqual(await ask(model), expected), {
      deadlineMs,
      what: `${model} to be ${String(expected.status)}`,
    });
  /** Past our decision, which would have named no provider without a key: what Envoy itself does with the key it has. */
  const askEnvoy = async (): Promise<Refused> =>
    refusalIn(await sendRawTo({ port: door.envoy.port('allowed'), certificates: door.certificates }, { key }));

  it('that is missing at the start makes its provider unavailable, and no other', async () => {
    expect(await withNothingArriving(door, () => ask('beta'))).toEqual(unavailable);
    expect(await ask('large')).toEqual(served);
    expect(await readyOf(door)).toMatchObject({ status: 200, ready: true, parts: { 'provider:alpha': true, 'provider:beta': false } });
  });

  it('that comes later is used without a restart', async () => {
    writeFileSync(door.directory.file('secrets/beta-later'), PROVIDER_KEYS.beta, { mode: 0o600 });
    await untilAsked('beta', served);
    expect((await readyOf(door)).parts).toMatchObject({ 'provider:beta': true });
  });

  it('that is deleted is used no more: neither by the decision nor by Envoy', async () => {
    const before = door.providers.alpha.traffic().requests;
    await askEnvoy();
    expect(door.providers.alpha.traffic().requests).toBe(before + 1);
    const pushed = await metric(door.sidecars, 'sallyport_key_pushes_total');
    rmSync(door.directory.file('secrets/alpha'));
    await untilAsked('large', unavailable);
    expect(await withNothingArriving(door, () => ask('large'))).toEqual(unavailable);
    await until(async () => (await metric(door.sidecars, 'sallyport_key_pushes_total')) > pushed, {
      deadlineMs,
      what: 'the empty key to be pushed',
    });
    await until(async () => (await askEnvoy()).status === 503, { deadlineMs, what: 'Envoy to have the empty key' });
    expect(await withNothingArriving(door, askEnvoy)).toEqual(withheld);
  });

  it('that is gone leaves its provider out of the order; the next target serves', async () => {
    const before = door.providers.beta.traffic().requests;
    expect(await ask('spare')).toEqual(served);
    expect(door.providers.beta.traffic().requests).toBe(before + 1);
  });

  it('that is replaced reaches the provider without a restart', async () => {
    const renewed = 'sk-alpha-renewed';
    door.providers.alpha.setKeys(renewed);
    writeFileSync(door.directory.file('secrets/alpha'), renewed, { mode: 0o600 });
    await untilAsked('large', served);
    const received = door.providers.alpha.requests.at(-1);
    expect(received && headerValues(received, 'authorization')).toEqual([`Bearer ${renewed}`]);
  });

  it('that is empty is not a key: the last good one serves on', async () => {
    writeFileSync(door.directory.file('secrets/alpha'), '\n');
    const isFailed = (): boolean => door.sidecars.some((sidecar) => sidecar.stdout().includes('"failure":"bad_value"'));
    await until(isFailed, { deadlineMs, what: 'the empty file to be read' });
    expect(await ask('large')).toEqual(served);
  });
});

describe('the pepper', () => {
  it('that is missing leaves nothing to decide by', async () => {
    await using door = await openDoor({
      settings: (settings) => {
        settings.identity.virtualKeys.pepper = 'file:secrets/absent';
      },
    });
    const { key } = await door.createKey();
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key }));
    expect(refusalIn(answer)).toEqual(undecided);
    const other = await withNothingArriving(door, () => sendRawTo(door, { key, target: '/v1/messages' }));
    expect(refusalIn(other)).toEqual({ status: 503, shape: 'anthropic', code: 'api_error' });
    expect(await readyOf(door)).toMatchObject({ status: 503, ready: false, parts: { pepper: false } });
  });
});

describe('the store', () => {
  let door: Door;
  let key: string;
  let path: string;
  beforeAll(async () => {
    door = await openDoor();
    ({ key } = await door.createKey());
    path = door.settings.store.path;
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  const ask = async (text: string): Promise<Refused> => refusalIn(await sendRawTo(door, { key: text }));
  const untilAsked = (text: string, expected: Refused): Promise<boolean> =>
    until(async () => isDeepStrictEqual(await ask(text), expected), {
      deadlineMs,
      what: `an answer ${JSON.stringify(expected)}`,
    });
  const files = ['', '-wal', '-shm'];
  const move = (from: string, to: string): void => {
    for (const suffix of files) {
      renameSync(`${path}${from}${suffix}`, `${path}${to}${suffix}`);
    }
  };

  it('that somebody else holds for writing is read on, and a command that cannot write says so', async () => {
    const other = await door.createKey();
    const holder = new DatabaseSync(path);
    holder.exec('BEGIN EXCLUSIVE');
    try {
      await untilAsked(other.key, served);
      await untilAsked(key, served);
      const revoked = await door.sallyport('keys', 'revoke', other.id);
      expect(revoked.code).toBe(1);
      expect(revoked.stderr).toContain('another process holds the store');
    } finally {
      holder.exec('ROLLBACK');
      holder.close();
    }
    expect((await door.sallyport('keys', 'revoke', other.id)).code).toBe(0);
    await untilAsked(other.key, openai(401, 'credential_revoked'));
  });

  it('that is deleted decides nothing any more', async () => {
    move('', '.away');
    await untilAsked(key, undecided);
    for (let count = 0; count < 10; count += 1) {
      expect(await withNothingArriving(door, () => ask(key))).toEqual(undecided);
    }
    await until(async () => !(await readyOf(door)).ready, { deadlineMs, what: 'the sidecar to be unready' });
    expect(await readyOf(door)).toMatchObject({ status: 503, ready: false, parts: { store: false } });
  });

  it.each(['sk-1234', 'vk_', `vk_test_' OR '1'='1`, `vk_test_${'A'.repeat(48)}`])(
    'is not asked about what cannot be a key of ours: %s is a 401 where there is no store (X2)',
    async (text) => {
      expect(await withNothingArriving(door, () => ask(text))).toEqual(openai(401, 'credential_invalid'));
    },
  );

  it('that is back decides again', async () => {
    move('.away', '');
    await untilAsked(key, served);
  });

  it('that is replaced by another is believed in its place', async () => {
    move('', '.away');
    const replacement = await openKeyStore({ path });
    try {
      await untilAsked(key, openai(401, 'credential_invalid'));
      expect(await withNothingArriving(door, () => ask(key))).toEqual(openai(401, 'credential_invalid'));
    } finally {
      await replacement.close();
    }
  });

  it('that is no database decides nothing', async () => {
    for (const suffix of files) {
      rmSync(`${path}${suffix}`, { force: true });
    }
    writeFileSync(path, 'not a database, but long enough to be read as the head of one: '.repeat(20));
    await untilAsked(key, undecided);
    expect(await withNothingArriving(door, () => ask(key))).toEqual(undecided);
  });
});
