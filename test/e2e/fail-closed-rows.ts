import { must } from '../../src/core/assert.ts';
import {
  AUTHZ,
  insertBefore,
  pieceAt,
  PROC,
  putAt,
  VIRTUAL_HOST,
  type Config,
  type Path,
  type Variant,
} from '../support/envoy-variants.ts';
import { fakeService, type CheckBehaviour, type ProcessBehaviour } from '../support/fake-sidecar.ts';
import type { Refused } from '../support/raw-ask.ts';

interface Row {
  readonly change: Variant;
  readonly expected: Refused;
}

export const openai = (status: number, code: string): Refused => ({ status, shape: 'openai', code });
/** Our stage refused: it could not tell. */
export const undecided = openai(503, 'decision_unavailable');
/** Envoy got no answer from a stage. */
const unanswered = openai(503, 'gateway_unavailable');
/** The gate withheld the key. */
export const withheld = openai(503, 'provider_unavailable');
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
export const proc = (field: string): Path => [...PROC, 'typed_config', field];
const checkedBy = (behaviour: CheckBehaviour): Variant => set(authz('grpc_service'), fakeService(behaviour));
export const decidedBy = (behaviour: ProcessBehaviour): Variant => set(proc('grpc_service'), fakeService(behaviour));
const askedAt = (stage: (field: string) => Path, cluster: string): Variant =>
  set([...stage('grpc_service'), 'envoy_grpc', 'cluster_name'], cluster);
export const without = (path: Path): Variant => set(path, undefined);
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
export const secondAuthz =
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

/** As if `alpha` had another address, or another key. */
export const otherVersion = withVersion((version) => version.replace(/alpha=\w+/, 'alpha=000000000000'));

/** Each breaks one thing, or a few that would have to go wrong together; all of them end in a refusal. */
export const ROWS: Readonly<Record<string, Row>> = {
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
  'Envoy has another version of the provider': { change: otherVersion, expected: openai(503, 'model_unavailable') },
  'Envoy does not say which version it has': { change: withVersion(() => ''), expected: openai(503, 'model_unavailable') },
};
