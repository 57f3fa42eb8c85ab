/** The API whose shape a client speaks: decides paths, bodies and the form of errors. */
export type ApiFamily = 'openai' | 'anthropic';

export const OPERATIONS = ['chat', 'completions', 'embeddings', 'responses', 'models', 'messages', 'count_tokens'] as const;

/** What an endpoint does (docs: vocabulary). */
export type Operation = (typeof OPERATIONS)[number];

export interface Endpoint {
  readonly operation: Operation;
  readonly api: ApiFamily;
  readonly method: 'GET' | 'POST';
  /** The path a client uses and, below a provider's base path, the path the provider gets. */
  readonly path: string;
}

/** Every endpoint there is; anything else is answered 404 by the catch-all route and by the sidecar. */
export const ENDPOINTS: readonly Endpoint[] = [
  { operation: 'chat', api: 'openai', method: 'POST', path: '/v1/chat/completions' },
  { operation: 'completions', api: 'openai', method: 'POST', path: '/v1/completions' },
  { operation: 'embeddings', api: 'openai', method: 'POST', path: '/v1/embeddings' },
  { operation: 'responses', api: 'openai', method: 'POST', path: '/v1/responses' },
  { operation: 'models', api: 'openai', method: 'GET', path: '/v1/models' },
  { operation: 'messages', api: 'anthropic', method: 'POST', path: '/v1/messages' },
  { operation: 'count_tokens', api: 'anthropic', method: 'POST', path: '/v1/messages/count_tokens' },
];
