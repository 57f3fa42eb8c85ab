import { anthropicHeaders, anthropicRefusals } from './anthropic-refusals.ts';
import { countMessageTokens, messages } from './anthropic-messages.ts';
import { bearerToken, json, singleHeader, type Account, type Answer, type Call } from './provider-answer.ts';
import type { Operation } from './provider-operation.ts';

const operations: ReadonlyMap<string, Operation> = new Map([
  ['/v1/messages', messages],
  ['/v1/messages/count_tokens', countMessageTokens],
]);

/** Answers as api.anthropic.com does; `path` is the path without query, below the provider's base path. */
export function answerAnthropic(method: string, path: string, body: Buffer, account: Account, call: Call): Answer {
  const key = presentedKey(call);
  if (key === undefined || !account.keys.has(key)) {
    return anthropicRefusals.badKey(key, call);
  }
  if (singleHeader(call.headers, 'anthropic-version') === undefined) {
    return anthropicRefusals.badParameter('anthropic-version', 'header is required', call);
  }
  if (method === 'GET' && path === '/v1/models') {
    return json(200, modelList(account.models, call), anthropicHeaders(call));
  }
  const operation = method === 'POST' ? operations.get(path) : undefined;
  return operation === undefined ? anthropicRefusals.unknownPath(method, path, call) : operation(body, account, call);
}

/** Clients send the key as a bearer token since API version 2026-10-21, and in its own header before; one that sends both is not believed. */
function presentedKey(call: Call): string | undefined {
  const own = singleHeader(call.headers, 'x-api-key');
  const bearer = bearerToken(call.headers);
  return own === undefined || bearer === undefined ? (own ?? bearer) : undefined;
}

function modelList(models: readonly string[], call: Call): object {
  const created = new Date(call.createdS * 1_000).toISOString();
  const data = models.map((id) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: created,
    lifecycle: 'active',
    max_input_tokens: null,
    max_tokens: null,
  }));
  return { data, has_more: false, first_id: models[0] ?? null, last_id: models.at(-1) ?? null };
}
