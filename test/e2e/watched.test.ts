import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseSettings } from '../../src/config/load.ts';
import { settingsSchema, type SettingsInput } from '../../src/config/schema.ts';
import type { Settings } from '../../src/config/settings.ts';
import { ask, chatBody } from '../support/ask.ts';
import { openDoor, writeWatched, type Door } from '../support/door.ts';
import { startLoad, warmUp, type LoadReport } from '../support/load.ts';
import { metric } from '../support/metrics.ts';
import { startTestProvider, type TestProvider } from '../support/provider.ts';
import { openSession, openStream, type OpenStream, type Protocol, type StreamRequest } from '../support/sse.ts';
import { until } from '../support/wait.ts';

const waitMs = 20_000;
const deltaKey = 'sk-delta-0123456789abcdef';

let door: Door;
let key: string;
let delta: TestProvider;
beforeAll(async () => {
  delta = await startTestProvider({ apis: ['openai'], key: deltaKey, models: ['delta-large'] });
  door = await openDoor({
    watched: true,
    processes: 2,
    envoyArgs: ['--drain-time-s', '600', '--drain-strategy', 'immediate'],
    settings(settings) {
      settings.policies['standard'] = { models: ['*'] };
      settings.models['at-beta'] = { targets: [{ provider: 'beta', model: 'beta-large' }] };
    },
  });
  writeFileSync(door.directory.file('secrets/delta'), `${deltaKey}\n`, { mode: 0o600 });
  ({ key } = await door.createKey());
  await warmUp(door, key);
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
  await delta.close();
});

/** Writes the settings anew with a change; gives them as Envoy's configuration is rendered from them. */
function change(apply: (settings: SettingsInput) => void): Settings {
  const raw: SettingsInput = settingsSchema.parse(parse(readFileSync(door.settingsFile, 'utf8')));
  apply(raw);
  const text = stringify(raw);
  writeFileSync(door.settingsFile, text);
  return parseSettings(text, door.settingsFile);
}

/** Settings are in force: asked of the listing, which comes from both processes in turn. */
const known = (model: string): Promise<true> =>
  until(
    async () => {
      const listings = await Promise.all(
        Array.from({ length: 6 }, () => ask(door, { method: 'GET', path: '/v1/models', bearer: key, body: undefined })),
      );
      return listings.every(({ text }) => text.includes(`"${model}"`));
    },
    { deadlineMs: waitMs, what: `${model} to be known` },
  );

const mismatch = (): Promise<number> => metric(door.sidecars, 'sallyport_envoy_configuration_mismatch');

const chatStream = (protocol: Protocol, model: string): StreamRequest => ({
  protocol,
  path: '/v1/chat/completions',
  headers: { authorization: `Bearer ${key}` },
  body: { ...chatBody(model, 'a text that is long enough for several pieces'), stream: true },
});

interface Running {
  readonly streams: readonly OpenStream[];
  /** Lets the streams end, and the load; gives what went wrong. */
  finish(): Promise<{ readonly endings: readonly string[]; readonly report: LoadReport }>;
}

/** Open streams of both protocols, and a load beside them. */
async function run(): Promise<Running> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const mend = door.providers.alpha.behave({ kind: 'hang-mid-stream', afterChunks: 2, until: promise }, { model: 'alpha-large' });
  const streams = await Promise.all(
    (['HTTP/1.1', 'HTTP/2', 'HTTP/1.1', 'HTTP/2'] as const).map((protocol) => openStream(door, chatStream(protocol, 'large'))),
  );
  await until(() => streams.every((stream) => stream.events() === 2), { deadlineMs: waitMs, what: 'two chunks of each stream' });
  const load = startLoad(door, key);
  await until(() => load.done() > 20, { deadlineMs: waitMs, what: 'the load to run' });
  return {
    streams,
    async finish() {
      const states = streams.map((stream) => stream.state());
      expect(states).toEqual(states.map(() => 'open'));
      const done = load.done();
      await until(() => load.done() > done + 50, { deadlineMs: waitMs, what: 'more load after the change' });
      resolve(null);
      const endings = await Promise.all(streams.map((stream) => stream.ended()));
      mend();
      return { endings, report: await load.stop() };
    },
  };
}

/** A provider and a model of its own; the cluster of alpha, which has streams open, becomes another one too. */
function add(settings: SettingsInput, name: string, firstByte: string): void {
  settings.providers[name] = {
    api: 'openai',
    url: delta.url,
    credential: { secret: 'file:secrets/delta', refresh: '1s' },
    allowPrivate: true,
  };
  settings.models[`at-${name}`] = { targets: [{ provider: name, model: 'delta-large' }], firstByte };
  const alpha = settings.providers['alpha'];
  if (alpha !== undefined) {
    alpha.connectTimeout = firstByte;
  }
}

describe('a provider and a model that come while Envoy and the sidecar run', () => {
  it('are known to the sidecar first: 503 and an alarm until Envoy has them, then used; no stream is cut and nothing else fails', async () => {
    const running = await run();
    const next = change((settings) => {
      add(settings, 'delta', '7s');
    });
    await known('at-delta');
    await until(async () => (await mismatch()) > 0, { deadlineMs: waitMs, what: 'the alarm' });
    const before = delta.traffic();
    expect(await ask(door, { bearer: key, body: chatBody('at-delta') })).toMatchObject({ status: 503, code: 'model_unavailable' });
    expect(delta.traffic()).toEqual(before);
    writeWatched(next, door.directory);
    await until(async () => (await ask(door, { bearer: key, body: chatBody('at-delta') })).status === 200, {
      deadlineMs: waitMs,
      what: 'Envoy to have it',
    });
    await until(async () => (await mismatch()) === 0, { deadlineMs: waitMs, what: 'the alarm to end' });
    const { endings, report } = await running.finish();
    expect(endings.filter((ending) => ending !== 'complete')).toEqual([]);
    expect(report.failures).toEqual([]);
    expect(delta.requests.at(-1)?.headers).toContainEqual(['authorization', `Bearer ${deltaKey}`]);
  });

  it('are known to Envoy first: 403 as any unknown model until the sidecar has them, then used; no stream is cut and nothing else fails', async () => {
    const running = await run();
    const old = readFileSync(door.settingsFile, 'utf8');
    const next = change((settings) => {
      add(settings, 'epsilon', '8s');
    });
    const text = readFileSync(door.settingsFile, 'utf8');
    writeFileSync(door.settingsFile, old);
    writeWatched(next, door.directory);
    await until(async () => (await door.envoy.adminGet('/clusters')).body.includes('\nepsilon::'), {
      deadlineMs: waitMs,
      what: 'Envoy to have it',
    });
    expect(await ask(door, { bearer: key, body: chatBody('at-epsilon') })).toMatchObject({ status: 403, code: 'model_not_allowed' });
    writeFileSync(door.settingsFile, text);
    await known('at-epsilon');
    await until(async () => (await ask(door, { bearer: key, body: chatBody('at-epsilon') })).status === 200, {
      deadlineMs: waitMs,
      what: 'it to be used',
    });
    const { endings, report } = await running.finish();
    expect(endings.filter((ending) => ending !== 'complete')).toEqual([]);
    expect(report.failures).toEqual([]);
  });
});

it('tells old connections to close by their next answer, while their streams go on', async () => {
  const session = await openSession(door);
  const { promise, resolve } = Promise.withResolvers<null>();
  const mend = door.providers.beta.behave({ kind: 'hang-mid-stream', afterChunks: 2, until: promise });
  const stream = await openStream(door, chatStream('HTTP/2', 'at-beta'), session);
  let isToldToClose = false;
  session.once('goaway', () => {
    isToldToClose = true;
  });
  writeWatched(
    change((settings) => {
      settings.models['later'] = { targets: [{ provider: 'alpha', model: 'alpha-small' }], firstByte: '9s' };
    }),
    door.directory,
  );
  await known('later');
  await until(async () => (await door.envoy.stat('listener_manager.listener_in_place_updated')) > 0, {
    deadlineMs: waitMs,
    what: 'the update',
  });
  expect(isToldToClose).toBe(false);
  expect((await openStream(door, chatStream('HTTP/2', 'small'), session)).status).toBe(200);
  await until(() => isToldToClose, { deadlineMs: waitMs, what: 'GOAWAY' });
  expect(stream.state()).toBe('open');
  resolve(null);
  expect(await stream.ended()).toBe('complete');
  mend();
});

describe('a firstByte that changes', () => {
  it('takes effect once Envoy has it; until then the nearest that Envoy has is used, and no request fails', async () => {
    const running = await run();
    const next = change((settings) => {
      settings.models['small'] = { targets: [{ provider: 'alpha', model: 'alpha-small' }], firstByte: '600ms' };
      settings.models['embed'] = { targets: [{ provider: 'alpha', model: 'alpha-embed' }], firstByte: '600ms' };
      settings.models['mark'] = { targets: [{ provider: 'alpha', model: 'alpha-small' }] };
    });
    await known('mark');
    await until(async () => (await mismatch()) > 0, { deadlineMs: waitMs, what: 'the alarm' });
    expect(await ask(door, { bearer: key, body: chatBody('small') })).toMatchObject({ status: 200 });
    writeWatched(next, door.directory);
    await until(async () => (await mismatch()) === 0, { deadlineMs: waitMs, what: 'the alarm to end' });
    const mend = door.providers.alpha.behave({ kind: 'hang-before-headers' }, { model: 'alpha-embed' });
    expect(await ask(door, { bearer: key, body: chatBody('embed') })).toMatchObject({ status: 504 });
    mend();
    const { endings, report } = await running.finish();
    expect(endings.filter((ending) => ending !== 'complete')).toEqual([]);
    expect(report.failures).toEqual([]);
  });
});

const authorizations = (provider: TestProvider): readonly (string | undefined)[] =>
  provider.requests.map(({ headers }) => headers.find(([name]) => name === 'authorization')?.[1]);

describe('a provider that moves to another address, with another key', () => {
  it('is sent the new key at the new address alone, also while Envoy has new routes and the old cluster', async () => {
    const next = change((settings) => {
      add(settings, 'gamma', '11s');
    });
    await known('at-gamma');
    writeWatched(next, door.directory, ['lds.yaml']);
    const isListening = async (): Promise<boolean> => {
      // Envoy says its version with each request.
      await known('at-gamma');
      return (await mismatch()) === 0;
    };
    await until(isListening, { deadlineMs: waitMs, what: 'the new listener' });
    expect(await ask(door, { bearer: key, body: chatBody('at-gamma') })).toMatchObject({ status: 503 });
    expect(authorizations(door.providers.gamma)).toEqual([]);
    writeWatched(next, door.directory);
    await until(async () => (await ask(door, { bearer: key, body: chatBody('at-gamma') })).status === 200, {
      deadlineMs: waitMs,
      what: 'the cluster to be replaced',
    });
    expect(authorizations(door.providers.gamma)).toEqual([]);
    expect(authorizations(delta).at(-1)).toBe(`Bearer ${deltaKey}`);
  });
});
