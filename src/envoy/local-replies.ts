import { REPLY_DETAILS_PREFIX, REQUEST_ID_HEADERS } from '../core/headers.ts';
import { bodySizeHint, DENIALS } from '../core/denials.ts';
import type { ApiFamily } from '../core/operation.ts';
import type { Edge } from '../config/settings.ts';
import { EXCHANGE_ID } from './exchange-id.ts';
import { CREDENTIAL_IN_QUERY_DETAILS } from './credential-query.ts';
import { typed, type JsonObject } from './json.ts';

interface LocalReply {
  readonly status: number;
  readonly code: string;
  readonly openaiType: string;
  readonly anthropicType: string;
  readonly message: string;
}

/** Envoy's own answers in words a client can act on. What a status means at the edge is design.md §9. */
const localReplies = (bodyMaxBytes: number): readonly LocalReply[] => [
  row(400, 'bad_request', 'invalid_request_error', 'invalid_request_error', 'The request is not valid HTTP for this gateway.'),
  row(403, 'forbidden', 'invalid_request_error', 'permission_error', 'This kind of request is not allowed here.'),
  row(
    404,
    'endpoint_unsupported',
    'invalid_request_error',
    'not_found_error',
    'Unknown endpoint, or no decision was made for this request.',
  ),
  row(408, 'request_timeout', 'invalid_request_error', 'invalid_request_error', 'The request did not arrive in time. Send it again.'),
  row(413, 'body_too_large', 'invalid_request_error', 'request_too_large', `${DENIALS.body_too_large.text} ${bodySizeHint(bodyMaxBytes)}`),
  row(426, 'http_version_unsupported', 'invalid_request_error', 'invalid_request_error', 'Use HTTP/1.1 or HTTP/2.'),
  row(431, 'headers_too_large', 'invalid_request_error', 'invalid_request_error', 'The request headers are too large.'),
  row(500, 'gateway_error', 'server_error', 'api_error', 'The gateway could not handle this request. Retry shortly.'),
  row(501, 'not_implemented', 'invalid_request_error', 'invalid_request_error', 'Send the body with Content-Length, or chunked.'),
  row(502, 'provider_unavailable', 'server_error', 'api_error', 'The provider gave no valid answer. Retry shortly.'),
  row(503, 'gateway_unavailable', 'server_error', 'overloaded_error', 'The gateway or the provider is not available now. Retry shortly.'),
  row(504, 'gateway_timeout', 'server_error', 'api_error', 'The gateway or the provider did not answer in time. Retry shortly.'),
];

function row(status: number, code: string, openaiType: string, anthropicType: string, message: string): LocalReply {
  return { status, code, openaiType, anthropicType, message };
}

const providerUnavailable = row(
  503,
  'provider_unavailable',
  'server_error',
  'overloaded_error',
  'The provider is not available. Retry shortly.',
);

const credentialInQuery = row(
  401,
  'credential_invalid',
  'invalid_request_error',
  'authentication_error',
  'Credentials in URLs are not accepted, send it in a header. A key that was sent in a URL may stand in logs: replace it.',
);

/** For whatever Envoy may refuse by a status that has no row of its own. */
const refused = row(0, 'gateway_error', 'server_error', 'api_error', 'The gateway refused this request.');

/** Refusals of ours have their final shape already; ext_authz marks its own, ext_proc carries our details text. */
const notOurs = `response.code_details != 'ext_authz_denied' && !response.code_details.startsWith('${REPLY_DETAILS_PREFIX}')`;

const inQuery = `response.code_details == '${CREDENTIAL_IN_QUERY_DETAILS}'`;

/** The gate's 403 and the injector's 401 would blame the client for what is the gateway's or the provider's matter. */
const keyWithheld = `(response.code_details == 'failed_to_inject_credential' || response.code_details.startsWith('rbac_access_denied'))`;

/** By the path without its query, which after the decision may start with a provider's base path. */
const anthropic = `request.url_path.contains('/v1/messages')`;

/** Every answer that Envoy makes itself, in the error shape of the API that was called. The first match counts. */
export function localReplyConfig({ bodyMaxBytes }: Pick<Edge, 'bodyMaxBytes'>): JsonObject {
  return {
    mappers: [
      ...inBothShapes(inQuery, credentialInQuery, 401),
      ...inBothShapes(keyWithheld, providerUnavailable, 503),
      ...localReplies(bodyMaxBytes).flatMap((reply) => inBothShapes(`response.code == ${String(reply.status)} && ${notOurs}`, reply)),
      ...inBothShapes(`response.code >= 400 && ${notOurs}`, refused),
    ],
  };
}

const inBothShapes = (expression: string, reply: LocalReply, status?: number): readonly JsonObject[] => [
  mapper(`${expression} && ${anthropic}`, reply, 'anthropic', status),
  mapper(expression, reply, 'openai', status),
];

function mapper(expression: string, reply: LocalReply, api: ApiFamily, status?: number): JsonObject {
  return {
    filter: {
      extension_filter: {
        name: 'envoy.access_loggers.extension_filters.cel',
        typed_config: typed('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', { expression }),
      },
    },
    ...(status === undefined ? {} : { status_code: status }),
    headers_to_add: [{ header: { key: REQUEST_ID_HEADERS[api], value: EXCHANGE_ID } }],
    body_format_override: {
      content_type: 'application/json',
      json_format:
        api === 'openai'
          ? { error: { message: reply.message, type: reply.openaiType, param: null, code: reply.code } }
          : { type: 'error', error: { type: reply.anthropicType, message: reply.message } },
    },
  };
}
