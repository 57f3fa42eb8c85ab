/** Headers that can carry a credential. No stage of ours sees one it does not need, and no provider sees a client's. */
export const CREDENTIAL_HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'proxy-authorization'] as const;

/** Query parameters that some SDKs use for keys. A credential in a URL ends in logs, so it is refused. */
export const CREDENTIAL_QUERY_PARAMETERS = ['key', 'api_key', 'api-key', 'apikey', 'access_token', 'token'] as const;

/** Every header of ours starts so; removed from the client's request before anything reads it, and from every answer. */
export const INTERNAL_HEADER_PREFIX = 'x-sallyport-';

/** The only header that chooses a route. Set by the decision, never by a client. */
export const ROUTE_HEADER = 'x-sallyport-route';

/**
 * What a provider never gets: the client's credentials aside, whatever names the client, its network or its certificate,
 * and the headers by which a client could choose the account that is billed.
 */
export const PROVIDER_HIDDEN_HEADERS = [
  'cookie',
  'forwarded',
  'via',
  'x-real-ip',
  'x-request-id',
  'openai-organization',
  'openai-project',
  'anthropic-workspace-id',
  'anthropic-user-profile-id',
] as const;
export const PROVIDER_HIDDEN_PREFIXES = [INTERNAL_HEADER_PREFIX, 'x-envoy-', 'x-forwarded-'] as const;

/**
 * What a client never gets from a provider: its sessions, its account, the account's limits, headers that look like ours, and words that
 * only the gateway's own host may speak. The official clients follow redirects, with the prompt and, in `x-api-key`, with their key.
 */
export const CLIENT_HIDDEN_HEADERS = [
  'set-cookie',
  'openai-organization',
  'openai-project',
  'anthropic-organization-id',
  'www-authenticate',
  'proxy-authenticate',
  'location',
  'refresh',
  'alt-svc',
  'clear-site-data',
  'nel',
  'report-to',
  'reporting-endpoints',
  'strict-transport-security',
] as const;
export const CLIENT_HIDDEN_PREFIXES = [INTERNAL_HEADER_PREFIX, 'x-ratelimit-', 'anthropic-ratelimit-', 'x-envoy-'] as const;

/** Of a refusal: the id of its exchange, where the official clients look for it (`requestID` of their errors). */
export const REQUEST_ID_HEADERS = { openai: 'x-request-id', anthropic: 'request-id' } as const;

/** Dynamic metadata that stages share (Envoy metadata namespaces). */
export const METADATA = {
  /** ext_authz writes here, and so does any other ext_authz filter: hence the seal. */
  authz: 'envoy.filters.http.ext_authz',
  seal: 'sallyport_caller',
  decision: 'sallyport',
  order: 'sallyport.order',
  /** How the attempts before the last one ended; written by the filters of providers' clusters alone. */
  attempts: 'sallyport.attempts',
} as const;

/** Members of `METADATA.attempts`: each name is followed by the number of an attempt, 1 for the first. */
export const ATTEMPT_FACTS = {
  /** Bytes that all attempts before this one have sent. */
  sentBefore: 'sent-before-',
  /** What its provider answered. */
  status: 'status-',
} as const;

/** On its way to a provider: bytes that the attempts before this one have sent. Removed before the request leaves. */
export const SENT_HEADER = 'x-sallyport-sent';

/** gRPC initial metadata by which Envoy's configuration says which stage calls, for which cluster, and of which version it is. */
export const STAGE_METADATA = {
  stage: 'x-sallyport-stage',
  target: 'x-sallyport-target',
  config: 'x-sallyport-config',
} as const;

/** `response.code_details` of every refusal of ours starts so: Envoy's own local replies are reshaped, ours are not. */
export const REPLY_DETAILS_PREFIX = 'sallyport';
