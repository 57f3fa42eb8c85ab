import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCanaries, type Sink } from '../support/canaries.ts';
import { KEY_ROWS, reveal, type Revealed } from '../support/canary-traffic.ts';
import { openDoor, PROVIDER_KEYS, type Door } from '../support/door.ts';
import { makeIdentities, type Identities } from '../support/identities.ts';
import { healthPage } from '../support/metrics.ts';
import { until } from '../support/wait.ts';

let door: Door;
let identities: Identities;
let revealed: Revealed;
beforeAll(async () => {
  identities = makeIdentities();
  door = await openDoor({
    envoyLogLevel: 'info',
    settings: (settings) => {
      identities.apply(settings);
      settings.log = { level: 'debug' };
    },
  });
  revealed = await reveal(door, identities);
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
  identities[Symbol.dispose]();
});

const found = (...sinks: readonly Sink[]): readonly string[] => findCanaries(revealed.canaries, sinks);

describe('64 secrets', () => {
  it('are 64, and what they were sent for happened', () => {
    expect(revealed.canaries).toHaveLength(64);
    expect(new Set(revealed.canaries.map(({ value }) => value)).size).toBe(64);
    const expected = Object.entries(KEY_ROWS).map(([name, { status }]) => [name, status] as const);
    expect(expected.map(([name]) => [name, revealed.statuses.get(name)])).toEqual(expected);
    expect(revealed.statuses.get('token, good')).toBe(200);
    expect(revealed.statuses.get('certificate')).toBe(200);
  });

  it('are in no log of a sidecar', async () => {
    await until(() => door.exchanges().length > Object.keys(KEY_ROWS).length, { deadlineMs: 5_000, what: 'the log to be written' });
    expect(found(...door.sidecars.map((sidecar) => ({ name: 'sidecar output', bytes: sidecar.output() })))).toEqual([]);
  });

  it('are on no page of a sidecar', async () => {
    const pages = door.sidecars.flatMap((sidecar) =>
      (['/healthz', '/readyz', '/metrics'] as const).map(async (path) => ({
        name: path,
        bytes: await (await healthPage(sidecar, path)).text(),
      })),
    );
    const sinks = await Promise.all(pages);
    expect(sinks.every(({ bytes }) => bytes.length > 0)).toBe(true);
    expect(found(...sinks)).toEqual([]);
  });

  it('are in neither log of Envoy', () => {
    const sinks = [
      { name: 'Envoy log', bytes: door.envoy.output() },
      { name: 'access log', bytes: door.envoy.accessLog() },
    ];
    expect(sinks.map(({ bytes }) => bytes.length > 1_000)).toEqual([true, true]);
    expect(found(...sinks)).toEqual([]);
  });

  it('are on no page of Envoy’s admin', async () => {
    const open = [
      '/config_dump',
      '/config_dump?include_eds',
      '/stats',
      '/stats/prometheus',
      '/clusters',
      '/listeners',
      '/server_info',
      '/ready',
    ];
    const shut = [
      '/certs',
      '/config_dump?resource=dynamic_active_secrets',
      '/init_dump',
      '/memory',
      '/runtime',
      '/logging',
      '/help',
      '/',
      '/contention',
    ];
    const pages = await Promise.all([...open, ...shut].map(async (path) => ({ path, ...(await door.envoy.adminGet(path)) })));
    expect(pages.filter(({ status }) => status === 200).map(({ path }) => path)).toEqual(expect.arrayContaining(open));
    expect(pages.find(({ path }) => path === '/config_dump')?.body).toContain('sallyport.key');
    expect(found(...pages.map(({ path, body }) => ({ name: path, bytes: body })))).toEqual([]);
  });

  it('are in no byte that a client gets', () => {
    expect(revealed.answers.length).toBeGreaterThan(100);
    expect(found(...revealed.answers.map((bytes) => ({ name: `answer ${bytes.toString('latin1').slice(0, 60)}`, bytes })))).toEqual([]);
  });

  it('are in nothing that a command prints', () => {
    expect(revealed.commands).toContain('Revoked key');
    expect(found({ name: 'command output', bytes: revealed.commands })).toEqual([]);
  });

  it.each(['alpha', 'beta', 'gamma', 'claude'] as const)('are not at the provider %s, but for its own key', (name) => {
    const own = new Set([`key of ${name}`, `renewed key of ${name}`]);
    const others = revealed.canaries.filter((canary) => !own.has(canary.name));
    const seen = door.providers[name].requests.map(({ path, headers, body }) => ({
      name: `request for ${path}`,
      bytes: `${path}\n${JSON.stringify(headers)}\n${body.toString('latin1')}`,
    }));
    expect(findCanaries(others, seen)).toEqual([]);
    const ownKeys = revealed.canaries.filter((canary) => own.has(canary.name)).map(({ value }) => value);
    const presented = door.providers[name].requests.map(({ headers }) =>
      headers.filter(([header]) => /^(?:authorization|x-api-key)$/i.test(header)).map(([, value]) => value.replace('Bearer ', '')),
    );
    expect(presented.every((keys) => keys.length === 1 && ownKeys.includes(keys[0] ?? ''))).toBe(true);
    expect(presented.length > 0).toBe(name !== 'gamma');
  });

  it('are in no command line, in no environment', () => {
    const pids = [door.envoy.pid, ...door.sidecars.map(({ pid }) => pid)];
    const sinks = pids.flatMap((pid) =>
      ['cmdline', 'environ'].map((file) => ({ name: `/proc/${String(pid)}/${file}`, bytes: readFileSync(`/proc/${String(pid)}/${file}`) })),
    );
    expect(sinks.every(({ bytes }) => bytes.length > 0)).toBe(true);
    expect(found(...sinks)).toEqual([]);
  });

  it('are neither in the store nor in a file of settings', () => {
    const state = door.directory.file('state');
    const sinks = [
      ...readdirSync(state).map((name) => ({ name, bytes: readFileSync(`${state}/${name}`) })),
      ...['sallyport.yaml', 'envoy.yaml'].map((name) => ({ name, bytes: readFileSync(door.directory.file(name)) })),
    ];
    expect(sinks.length).toBeGreaterThan(3);
    expect(found(...sinks)).toEqual([]);
  });

  it('are found where they are: the search itself works', () => {
    const secrets = readFileSync(door.directory.file('secrets/beta'), 'utf8');
    expect(found({ name: 'the secret file', bytes: secrets })).toContain('key of beta (raw) in the secret file');
    expect(secrets.trim()).toBe(PROVIDER_KEYS.beta);
  });
});
