import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routeOf } from '../../src/config/fingerprint.ts';
import { must } from '../../src/core/assert.ts';
import { openDoor, PROVIDER_KEYS, type Door, type LogLine } from '../support/door.ts';
import { clusterFilter, pieceAt, putAt, withVariants, type Config, type Variant } from '../support/envoy-variants.ts';
import { startFakeSidecar, type FakeSidecar } from '../support/fake-sidecar.ts';
import { headerValues } from '../support/raw-answer.ts';
import { CHAT_TEXT, MESSAGE_TEXT, refusalIn, sendRawTo, withNothingArriving, type RawAsk, type Refused } from '../support/raw-ask.ts';
import { metric } from '../support/metrics.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';
import { decidedBy, openai, otherVersion, proc, ROWS, secondAuthz, undecided, withheld, without } from './fail-closed-rows.ts';

const OTHERS: Readonly<Record<string, Variant>> = {
  remember: secondAuthz('remember'),
  replay: secondAuthz('replay'),
  'gate-missing': decidedBy('order-to-ungated'),
  'no-status': decidedBy('no-status'),
  'no-override': without(proc('allow_mode_override')),
  'other-version': otherVersion,
};

const nowhere = (text: string): Config => ({
  name: 'nowhere',
  type: 'STATIC',
  load_assignment: { cluster_name: 'nowhere', endpoints: [{ lb_endpoints: [{ endpoint: { address: { pipe: { path: text } } } }] }] },
});

const listenerNames = new Map(Object.keys(ROWS).map((name, index) => [name, `row-${String(index)}`]));
const directory = makeTempDir();
let door: Door;
let key: string;
let fake: FakeSidecar;
beforeAll(async () => {
  fake = await startFakeSidecar(directory.file('fake.sock'), () => ({
    route: routeOf(large()),
    ungated: 'gamma',
    authority: door.providers.gamma.url.replace('http://', ''),
  }));
  door = await openDoor({
    settings: (settings) => {
      for (const name of ['alpha', 'claude'] as const) {
        const provider = settings.providers[name];
        must(provider !== undefined, 'the door has this provider');
        settings.providers[`lost-${name}`] = provider;
        settings.models[`lost-${name}`] = { targets: [{ provider: `lost-${name}`, model: `${name}-model` }] };
      }
      settings.policies['standard'] = { models: ['*'] };
    },
    envoy: (text) =>
      withVariants(
        text,
        { ...Object.fromEntries(Object.entries(ROWS).map(([name, { change }]) => [nameOf(name), change])), ...OTHERS },
        (config) => {
          const clusters = pieceAt(config, ['static_resources', 'clusters']);
          must(Array.isArray(clusters), 'clusters are a list');
          clusters.push(fake.cluster, nowhere(directory.file('nowhere.sock')));
          putAt(config, clusterFilter('gamma', 'sallyport.gate'), undefined);
          for (const cluster of ['lost-alpha', 'lost-claude']) {
            const injector = [
              ...clusterFilter(cluster, 'sallyport.key'),
              'typed_config',
              'credential',
              'typed_config',
              'credential',
              'name',
            ];
            putAt(config, injector, 'nobody-knows');
          }
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

const nameOf = (row: string): string => listenerNames.get(row) ?? '';
function large() {
  const model = door.settings.models.get('large');
  must(model !== undefined, 'there is a model large');
  return model;
}
const sendTo = (listener: string, asked: RawAsk): ReturnType<typeof sendRawTo> =>
  sendRawTo({ port: door.envoy.port(listener), certificates: door.certificates }, asked);

describe('nothing reaches a provider where', () => {
  it.each(Object.keys(ROWS))('%s', async (name) => {
    const answer = await withNothingArriving(door, () => sendTo(nameOf(name), { key }));
    expect(refusalIn(answer)).toEqual(ROWS[name]?.expected);
    expect(answer?.body.toString()).not.toMatch(/sk-|vk_/);
  });
});

const isReplay = (line: LogLine): boolean => String(line['detail']).includes('another exchange');

describe('another ext_authz filter', () => {
  it('cannot use the caller of another exchange', async () => {
    expect((await sendTo('remember', { key }))?.status).toBe(200);
    expect(fake.seals.at(-1)).toContain('test-app');
    const answer = await withNothingArriving(door, () => sendTo('replay', { key }));
    expect(refusalIn(answer)).toEqual(undecided);
    const line = await until(() => door.exchanges().find(isReplay), { deadlineMs: 5_000, what: 'the log line' });
    expect(line).toMatchObject({ disposition: 'faulted', code: 'decision_unavailable' });
  });
});

describe('the gate', () => {
  it('is what stands between a request without a decision and a key: a cluster without it gives the key away', async () => {
    const before = door.providers.gamma.traffic().requests;
    const answer = await sendTo('gate-missing', { key });
    expect(answer?.status).toBe(404);
    expect(door.providers.gamma.traffic().requests).toBe(before + 1);
    const received = door.providers.gamma.requests.at(-1);
    expect(received && headerValues(received, 'authorization')).toEqual([`Bearer ${PROVIDER_KEYS.gamma}`]);
  });
});

describe('a key that Envoy has not', () => {
  it.each<[path: string, model: string, expected: Refused]>([
    ['/v1/chat/completions', 'lost-alpha', withheld],
    ['/v1/messages', 'lost-claude', { status: 503, shape: 'anthropic', code: 'overloaded_error' }],
  ])('is a 503 in the shape of %s; other providers serve', async (target, model, expected) => {
    const body = (target === '/v1/messages' ? MESSAGE_TEXT : CHAT_TEXT).replace(/"model":"\w+"/, `"model":"${model}"`);
    const answer = await withNothingArriving(door, () => sendRawTo(door, { key, target, body }));
    expect(refusalIn(answer)).toEqual(expected);
    expect((await sendRawTo(door, { key }))?.status).toBe(200);
  });

  it('does not hold the start of Envoy', async () => {
    const { body } = await door.envoy.adminGet('/stats?filter=^server.initialization_time_ms$');
    const [, milliseconds] = /P100\(\S+?,([\d.]+)\)/.exec(body) ?? [];
    // An unanswered secret would hold it for 15 seconds.
    expect(Number(milliseconds)).toBeLessThan(10_000);
  });
});

describe('a refusal without a status', () => {
  it('is an empty 200 of Envoy’s own, and still nothing of a provider', async () => {
    const answer = await withNothingArriving(door, () => sendTo('no-status', { key }));
    expect(answer).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });
});

describe('allow_mode_override taken away', () => {
  it('leaves the decision as it is, and the answers that pass unseen are counted', async () => {
    const unseen = (): Promise<number> => metric(door.sidecars, 'sallyport_responses_unseen_total');
    const before = await unseen();
    const answer = await sendTo('no-override', { key });
    expect(answer?.status).toBe(200);
    const refused = await withNothingArriving(door, () => sendTo('no-override', { key, body: CHAT_TEXT.replace('large', 'unknown') }));
    expect(refusalIn(refused)).toEqual(openai(403, 'model_not_allowed'));
    await until(async () => (await unseen()) === before + 1, { deadlineMs: 5_000, what: 'the unseen answer to be counted' });
  });
});

describe('a provider of which Envoy has another version', () => {
  it('is left out of the order; the next target serves', async () => {
    const [alpha, beta] = [door.providers.alpha, door.providers.beta].map((provider) => provider.traffic().requests);
    const answer = await sendTo('other-version', { key, body: CHAT_TEXT.replace('large', 'spare') });
    expect(answer?.status).toBe(200);
    expect([door.providers.alpha, door.providers.beta].map((provider) => provider.traffic().requests)).toEqual([alpha, (beta ?? 0) + 1]);
  });
});
