import { CREDENTIAL_HEADERS, METADATA, STAGE_METADATA } from '../core/headers.ts';
import { routingVersion } from '../config/fingerprint.ts';
import type { Settings } from '../config/settings.ts';
import { seconds, typed, type JsonObject } from './json.ts';
import { DECISION_CLUSTER } from './sidecar-cluster.ts';
import { skippedAtFirstAttempt } from './skip.ts';

type Stage = 'check' | 'decide' | 'identify-and-decide' | 'rewrite';

/** Attributes that chain `proc` needs to know the client by; ext_authz has fields of its own for them. */
const identityAttributes = [
  'connection.mtls',
  'connection.uri_san_peer_certificate',
  'connection.dns_san_peer_certificate',
  'connection.sha256_peer_certificate_digest',
];

function grpcService(settings: Settings, stage: Stage, target?: string): JsonObject {
  return {
    envoy_grpc: { cluster_name: DECISION_CLUSTER },
    initial_metadata: [
      { key: STAGE_METADATA.stage, value: stage },
      ...(target === undefined ? [] : [{ key: STAGE_METADATA.target, value: target }]),
      // Clusters leave it out, or a new provider would replace the clusters of all others.
      ...(stage === 'rewrite' ? [] : [{ key: STAGE_METADATA.config, value: routingVersion(settings) }]),
    ],
  };
}

/** Stage 1 of chain `authz+proc`: who is asking, by headers alone. */
export function authzFilter(settings: Settings): JsonObject {
  return {
    name: 'envoy.filters.http.ext_authz',
    typed_config: typed('envoy.extensions.filters.http.ext_authz.v3.ExtAuthz', {
      transport_api_version: 'V3',
      grpc_service: { ...grpcService(settings, 'check'), timeout: seconds(settings.edge.decisionTimeoutMs) },
      failure_mode_allow: false,
      status_on_error: { code: 'ServiceUnavailable' },
      clear_route_cache: false,
      encode_raw_headers: true,
      validate_mutations: true,
      include_peer_certificate: settings.edge.clientCa !== undefined,
      emit_filter_state_stats: false,
    }),
  };
}

/** Stage 2: the decision. In chain `proc` it identifies the caller too and must therefore see the credential. */
export function procFilter(settings: Settings): JsonObject {
  const identifies = settings.edge.chain === 'proc';
  return {
    name: 'envoy.filters.http.ext_proc',
    typed_config: typed('envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor', {
      ...commonProc(settings, identifies ? 'identify-and-decide' : 'decide'),
      allow_mode_override: true,
      // Without an override nothing of a response is sent to us: a local reply then opens no stream of its own.
      ...(identifies && settings.edge.clientCa !== undefined ? { request_attributes: identityAttributes } : {}),
      response_attributes: ['response.code', 'response.code_details', 'xds.cluster_name', 'upstream.request_attempt_count'],
      metadata_options: {
        forwarding_namespaces: { untyped: [...(identifies ? [] : [METADATA.authz]), METADATA.attempts] },
        receiving_namespaces: { untyped: [METADATA.decision, METADATA.order] },
      },
      ...(identifies ? {} : { forward_rules: hideCredentials }),
      mutation_rules: { allow_all_routing: true, allow_envoy: true, disallow_is_error: true },
    }),
  };
}

/** The rewrite stage of a provider's cluster: fits an attempt after the first to this target. */
export function rewriteFilter(settings: Settings, target: string): JsonObject {
  return skippedAtFirstAttempt(
    'sallyport.rewrite',
    typed('envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor', {
      ...commonProc(settings, 'rewrite', target),
      metadata_options: { forwarding_namespaces: { untyped: [METADATA.decision] } },
      // A failed attempt leaves its key in the header map that the next attempt shares.
      forward_rules: hideCredentials,
      mutation_rules: { allow_all_routing: true, disallow_is_error: true },
    }),
  );
}

function commonProc(settings: Settings, stage: Stage, target?: string): JsonObject {
  return {
    grpc_service: grpcService(settings, stage, target),
    failure_mode_allow: false,
    status_on_error: { code: 'ServiceUnavailable' },
    message_timeout: seconds(settings.edge.decisionTimeoutMs),
    processing_mode: {
      request_header_mode: 'SEND',
      request_body_mode: 'BUFFERED',
      response_header_mode: 'SKIP',
      response_body_mode: 'NONE',
      request_trailer_mode: 'SKIP',
      response_trailer_mode: 'SKIP',
    },
  };
}

const hideCredentials: JsonObject = { disallowed_headers: { patterns: CREDENTIAL_HEADERS.map((name) => ({ exact: name })) } };
