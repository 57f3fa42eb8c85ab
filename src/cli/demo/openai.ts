import { bearerToken, json, type Account, type Answer, type Call } from './provider-answer.ts';
import { chat } from './openai-chat.ts';
import { completions } from './openai-completions.ts';
import { embeddings } from './openai-embeddings.ts';
import { openAiHeaders, openAiRefusals } from './openai-refusals.ts';
import { responses } from './openai-responses.ts';
import type { Operation } from './provider-operation.ts';

const operations: ReadonlyMap<string, Operation> = new Map([
  ['/v1/chat/completions', chat],
  ['/v1/completions', completions],
  ['/v1/embeddings', embeddings],
  ['/v1/responses', responses],
]);

/** Answers as api.openai.com does; `path` is the path without query, below the provider's base path. */
export function answerOpenAi(method: string, path: string, body: Buffer, account: Account, call: Call): Answer {
  const key = bearerToken(call.headers);
  if (key === undefined || !account.keys.has(key)) {
    return openAiRefusals.badKey(key, call);
  }
  if (method === 'GET' && path === '/v1/models') {
    const data = account.models.map((id) => ({ id, object: 'model', created: call.createdS, owned_by: 'local' }));
    return json(200, { object: 'list', data }, openAiHeaders(call));
  }
  const operation = method === 'POST' ? operations.get(path) : undefined;
  return operation === undefined ? openAiRefusals.unknownPath(method, path, call) : operation(body, account, call);
}
