import { sizeText } from './units.ts';

interface DenialRow {
  /** HTTP status the client gets. */
  readonly status: 400 | 401 | 403 | 404 | 405 | 411 | 413 | 415 | 429 | 502 | 503;
  /** Public text: says what to do next, and nothing the caller may not know. */
  readonly text: string;
}

/** The closed table of everything a client can be told. docs/errors.md explains each; a test compares the two. */
export const DENIALS = {
  credential_missing: {
    status: 401,
    text: 'No credential was presented. Send a virtual key or an access token as "Authorization: Bearer ..." (or a virtual key as "x-api-key").',
  },
  credential_ambiguous: { status: 401, text: 'More than one credential was presented. Send exactly one.' },
  credential_invalid: {
    status: 401,
    text: 'The credential is not valid here. Send a virtual key of this gateway, or a valid access token; the key of a provider is neither.',
  },
  credential_expired: { status: 401, text: 'The credential has expired. Ask for a new one.' },
  credential_revoked: { status: 401, text: 'The credential has been revoked. Ask for a new one.' },
  credential_unbound: { status: 401, text: 'The token is bound to a client certificate that was not presented.' },
  caller_blocked: { status: 403, text: 'This caller is blocked. Ask the platform team.' },
  scope_missing: { status: 403, text: 'The access token lacks a required scope or claim. Ask its issuer for one that has it.' },
  policy_missing: { status: 403, text: 'No policy is assigned to this caller. Ask the platform team for one.' },
  network_not_allowed: { status: 403, text: 'Requests from this network are not allowed for this caller. Ask the platform team.' },
  operation_not_allowed: { status: 403, text: 'This caller may not use this operation. Ask the platform team for it.' },
  model_not_allowed: {
    status: 403,
    text: 'This caller may not use this model, or it does not exist. GET /v1/models lists the models that may be used.',
  },
  approval_required: {
    status: 403,
    text: 'This model needs an approval, and none is in force for this caller. Ask the platform team for one.',
  },
  endpoint_unsupported: {
    status: 404,
    text: 'Unknown endpoint. Supported: POST /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/responses, /v1/messages, /v1/messages/count_tokens and GET /v1/models.',
  },
  method_not_allowed: { status: 405, text: 'This endpoint does not support this method.' },
  body_missing: { status: 400, text: 'The request needs a JSON body.' },
  body_too_large: { status: 413, text: 'The request body is too large.' },
  content_type_unsupported: { status: 415, text: 'Send the body as "Content-Type: application/json".' },
  content_encoding_unsupported: { status: 415, text: 'Send the body uncompressed, without a Content-Encoding header.' },
  body_invalid: { status: 400, text: 'The body is not a valid, unambiguous JSON object.' },
  field_invalid: { status: 400, text: 'A field of the body has the wrong type or value.' },
  field_forbidden: { status: 400, text: 'A field of the body is not accepted by this gateway. Remove it.' },
  request_invalid: { status: 400, text: 'The request is not valid.' },
  model_operation_unsupported: {
    status: 400,
    text: 'This model does not offer this operation. Use the endpoint of the API that its provider speaks, or another model.',
  },
  limit_exceeded: { status: 429, text: 'A limit is reached. Retry later.' },
  budget_exceeded: { status: 429, text: 'A budget is used up until its next period.' },
  request_over_limit: {
    status: 429,
    text: 'This request alone may use more than a limit allows. Lower its output cap (max_tokens and the like), its choices or its input.',
  },
  input_unbounded: {
    status: 400,
    text: 'What this request may cost cannot be bounded, and a limit on tokens or money applies to it. Remove the named part.',
  },
  price_unknown: {
    status: 403,
    text: 'A budget applies to this caller, and what this request would use has no known price. Ask the platform team for one.',
  },
  content_blocked: { status: 400, text: 'The request contains data that may not be sent to a provider. Remove it.' },
  content_unreadable: {
    status: 400,
    text: 'Personal data is masked for this caller, and a part of the request cannot be checked for it. Remove that part.',
  },
  answer_blocked: { status: 403, text: 'The answer of the provider contains data that may not be passed on.' },
  answer_unreadable: {
    status: 502,
    text: 'The answer of the provider could not be checked for data that may not be passed on. Sending the request again would be charged again.',
  },
  injection_suspected: {
    status: 400,
    text: 'The request looks like an attempt to override instructions. Change it; if it should pass, ask the platform team.',
  },
  guard_flagged: {
    status: 400,
    text: 'A guard of this gateway did not let this content pass. Change it; if it should pass, ask the platform team.',
  },
  stream_guarded: {
    status: 400,
    text: 'A guard must see the whole answer before any of it is sent. Send "stream": false, or ask the platform team to set "stream: buffer" or a window for the guard in "guardrails".',
  },
  model_unavailable: { status: 503, text: 'No provider of this model is available now. Retry shortly.' },
  provider_credential_rejected: {
    status: 502,
    text: 'The provider did not accept the credential of this gateway. The operators have been told.',
  },
  provider_unavailable: { status: 503, text: 'The provider is not available. Retry shortly.' },
} as const satisfies Record<string, DenialRow>;

export type DenialCode = keyof typeof DENIALS;

/** What a client is told when we could not decide: the cause stays in our log. */
export const FAULT_ROW = {
  code: 'decision_unavailable',
  status: 503,
  text: 'The gateway could not decide about this request, so nothing was sent to a provider. Retry shortly.',
} as const;

/** The same of an answer: its provider has worked, and is paid. */
export const ANSWER_FAULT_ROW = {
  code: 'answer_unchecked',
  status: 503,
  text: 'The gateway could not check the answer of the provider, so it was not passed on. Sending the request again would be charged again.',
} as const;

/** What a client is told about `edge.bodyMax`. */
export const bodySizeHint = (bytesMax: number): string => `At most ${sizeText(bytesMax)} are taken.`;
