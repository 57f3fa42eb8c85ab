import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routeOf } from '../../src/config/fingerprint.ts';
import { must } from '../../src/core/assert.ts';
import { openDoor, PROVIDER_KEYS, type Door, type LogLine } from '../support/door.ts';
import {
  AUTHZ,
  clusterFilter,
  insertBefore,
  pieceAt,
  PROC,
  putAt,
  VIRTUAL_HOST,
  withVariants,
  type Config,
  type Path,
  type Variant,
} from '../support/envoy-variants.ts';
import { fakeService, startFakeSidecar, type CheckBehaviour, type FakeSidecar, type ProcessBehaviour } from '../support/fake-sidecar.ts';
import { headerValues } from '../support/raw-answer.ts';
import { CHAT_TEXT, MESSAGE_TEXT, refusalIn, sendRawTo, withNothingArriving, type RawAsk, type Refused } from '../support/raw-ask.ts';
import { metric } from '../support/metrics.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';

interface Row {
  readonly change: Variant;
  readonly expected: Refused;
}

const openai = (status: number, code: string): Refused => ({ status, shape: 'openai', code });
/** Our stage refused: it could not tell. */
const undecided = openai(503, 'decision_unavailable');
/** Envoy got no answer from a stage. */
const unanswered = openai(503, 'gateway_unavailable');
/** The gate withheld the key. */
const withheld = openai(503, 'provider_unavailable');
const late = openai(504, 'gateway_timeout');
const undecidedRoute = openai(404, 'endpoint_unsupported');

const set =
  (path: Path, value: Config | undefined): Variant =>
  (listener) => {
    putAt(listener, path, value);
  };
const all =
  (...changes: readonly Variant[]): Variant =>
  (listener) => {
    for (const change of changes) {
      change(listener);
    }
  };
const authz = (field: string): Path => [...AUTHZ, 'typed_config', field];
const proc = (field: string): Path => [...PROC, 'typed_config', field];
const checkedBy = (behaviour: CheckBehaviour): Variant => set(authz('grpc_service'), fakeService(behaviour));
const decidedBy = (behaviour: ProcessBehaviour): Variant => set(proc('grpc_service'), fakeService(behaviour));
const askedAt = (stage: (field: string) => Path, cluster: string): Variant =>
  set([...stage('grpc_service'), 'envoy_grpc', 'cluster_name'], cluster);
const without = (path: Path): Variant => set(path, undefined);
/** A route that somebody added: every request, decided or not, to this cluster. */
const openRoute =
  (cluster: string): Variant =>
  (listener) => {
    insertBefore(listener, [...VIRTUAL_HOST, 'routes', 0], { match: { prefix: '/' }, route: { cluster, timeout: '0s' } });
  };
const perRoute =
  (filter: string, type: string): Variant =>
  (listener) => {
    const host = pieceAt(listener, VIRTUAL_HOST);
    must(typeof host === 'object' && host !== null && !Array.isArray(host), 'a virtual host is an object');
    host['typed_per_filter_config'] = {
      [filter]: { '@type': `type.googleapis.com/envoy.extensions.filters.http.${type}`, disabled: true },
    };
  };
const authzOff = perRoute('envoy.filters.http.ext_authz', 'ext_authz.v3.ExtAuthzPerRoute');
const procOff = perRoute('envoy.filters.http.ext_proc', 'ext_proc.v3.ExtProcPerRoute');
/** Another ext_authz filter, behind ours. */
const secondAuthz =
  (behaviour: CheckBehaviour): Variant =>
  (listener) => {
    insertBefore(listener, PROC, {
      name: 'second',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz',
        transport_api_version: 'V3',
        grpc_service: fakeService(behaviour),
        metadata_context_namespaces: ['envoy.filters.http.ext_authz'],
      },
    });
  };
const withVersion =
  (change: (version: string) => string): Variant =>
  (listener) => {
    const path = [...proc('grpc_service'), 'initial_metadata', 1, 'value'];
    const version = pieceAt(listener, path);
    must(typeof version === 'string', 'the version is text');
    putAt(listener, path, change(version));
  };

const ROWS: Readonly<Record<string, Row>> = {
  'ext_authz was removed': { change: without(AUTHZ), expected: undecided },
  'ext_authz was disabled for the route': { change: authzOff, expected: undecided },
  'ext_authz asks a socket that is not there': { change: askedAt(authz, 'nowhere'), expected: unanswered },
  'ext_authz asks a cluster that is not there': { change: askedAt(authz, 'missing'), expected: unanswered },
  'ext_authz is answered by an empty reply, which allows': { change: checkedBy('empty'), expected: undecided },
  'ext_authz is answered by ok without a caller': { change: checkedBy('ok'), expected: undecided },
  'ext_authz is answered by ok and a refusal at once': { change: checkedBy('ok-and-denied'), expected: undecided },
  'ext_authz is answered by an error': { change: checkedBy('error'), expected: unanswered },
  'ext_authz is not answered': { change: checkedBy('hang'), expected: unanswered },
  'ext_authz lets failures pass, and nobody is there': {
    change: all(askedAt(authz, 'nowhere'), set(authz('failure_mode_allow'), true)),
    expected: undecided,
  },
  'another ext_authz forges the caller': { change: secondAuthz('forge'), expected: undecided },
  'another ext_authz alters the caller': { change: secondAuthz('alter'), expected: undecided },
  'another ext_authz blanks the caller': { change: secondAuthz('blank'), expected: undecided },
  'ext_proc was removed': { change: without(PROC), expected: undecidedRoute },
  'ext_proc was disabled for the route': { change: procOff, expected: undecidedRoute },
  'both stages were removed': { change: all(without(AUTHZ), without(PROC)), expected: undecidedRoute },
  'ext_proc was removed and a route added': { change: all(without(PROC), openRoute('alpha')), expected: withheld },
  'ext_proc was disabled and a route added': { change: all(procOff, openRoute('alpha')), expected: withheld },
  'both stages were removed and a route added': { change: all(without(AUTHZ), without(PROC), openRoute('alpha')), expected: withheld },
  'a route was added to a provider that the decision does not name': { change: openRoute('beta'), expected: withheld },
  'ext_proc asks a socket that is not there': { change: askedAt(proc, 'nowhere'), expected: unanswered },
  'ext_proc lets failures pass, and nobody is there': {
    change: all(askedAt(proc, 'nowhere'), set(proc('failure_mode_allow'), true)),
    expected: undecidedRoute,
  },
  'ext_proc lets failures pass, nobody is there, and a route was added': {
    change: all(askedAt(proc, 'nowhere'), set(proc('failure_mode_allow'), true), openRoute('alpha')),
    expected: withheld,
  },
  'ext_proc closes its stream in order at once, which passes': { change: decidedBy('close-ok'), expected: undecidedRoute },
  'ext_proc closes its stream in order at the body, which passes': { change: decidedBy('close-ok-at-body'), expected: undecidedRoute },
  'ext_proc closes at once, and a route was added': { change: all(decidedBy('close-ok'), openRoute('alpha')), expected: withheld },
  'ext_proc closes at the body, and a route was added': {
    change: all(decidedBy('close-ok-at-body'), openRoute('alpha')),
    expected: withheld,
  },
  'ext_proc ends with an error': { change: decidedBy('error'), expected: unanswered },
  'ext_proc ends with an error at the body': { change: decidedBy('error-at-body'), expected: unanswered },
  'ext_proc does not answer': { change: decidedBy('hang'), expected: late },
  'ext_proc does not answer at the body': { change: decidedBy('hang-at-body'), expected: late },
  'ext_proc answers the body without a decision': { change: decidedBy('no-decision'), expected: undecidedRoute },
  'ext_proc routes without allowing': { change: decidedBy('route-without-allow'), expected: withheld },
  'ext_proc orders without allowing': { change: decidedBy('order-without-allow'), expected: withheld },
  'ext_proc allows another provider': { change: decidedBy('allow-another'), expected: withheld },
  'ext_proc answers the body before it came': { change: decidedBy('body-first'), expected: unanswered },
  'ext_proc answers a response that never was': { change: decidedBy('response-first'), expected: unanswered },
  'ext_proc answers twice': { change: decidedBy('twice'), expected: unanswered },
  'Envoy sends no body to ext_proc': { change: set([...proc('processing_mode'), 'request_body_mode'], 'NONE'), expected: undecided },
  'Envoy sends the body in pieces': { change: set([...proc('processing_mode'), 'request_body_mode'], 'STREAMED'), expected: undecided },
  'Envoy does not wait for ext_proc': {
    change: all(set(proc('observability_mode'), true), set([...proc('processing_mode'), 'request_body_mode'], 'STREAMED')),
    expected: undecidedRoute,
  },
  'Envoy drops the decision’s metadata': { change: set([...proc('metadata_options'), 'receiving_namespaces'], {}), expected: withheld },
  'Envoy does not hand the caller on': { change: set([...proc('metadata_options'), 'forwarding_namespaces'], {}), expected: undecided },
  'Envoy names no stage': { change: set([...proc('grpc_service'), 'initial_metadata', 0, 'value'], 'none'), expected: unanswered },
  'Envoy has another version of the provider': {
    change: withVersion((version) => version.replace(/alpha=\w+/, 'alpha=000000000000')),
    expected: openai(503, 'model_unavailable'),
  },
  'Envoy does not say which version it has': { change: withVersion(() => ''), expected: openai(503, 'model_unavailable') },
};

const OTHERS: Readonly<Record<string, Variant>> = {
  remember: secondAuthz('remember'),
  replay: secondAuthz('replay'),
  'gate-missing': decidedBy('order-to-ungated'),
  'no-status': decidedBy('no-status'),
  'no-override': without(proc('allow_mode_override')),
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
