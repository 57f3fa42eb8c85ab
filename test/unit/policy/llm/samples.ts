import { Buffer } from 'node:buffer';
import { must } from '../../../../src/core/assert.ts';
import { ENDPOINTS } from '../../../../src/core/operation.ts';
import type { Endpoint, Operation } from '../../../../src/core/operation.ts';
import type { Outcome } from '../../../../src/core/outcome.ts';
import { DEFAULT_BODY_LIMITS, judgeBody } from '../../../../src/policy/llm/body.ts';
import type { JudgedBody } from '../../../../src/policy/llm/body.ts';
import type { BodyOperation } from '../../../../src/policy/llm/fields.ts';

export function endpointOf(operation: Operation): Endpoint {
  const endpoint = ENDPOINTS.find((candidate) => candidate.operation === operation);
  must(endpoint !== undefined, `there is an endpoint for ${operation}`);
  return endpoint;
}

/** The least body that each operation accepts. */
export const LEAST: Readonly<Record<BodyOperation, Readonly<Record<string, unknown>>>> = {
  chat: { model: 'm', messages: [{ role: 'user', content: 'hello' }] },
  completions: { model: 'm', prompt: 'hello' },
  embeddings: { model: 'm', input: 'hello' },
  responses: { model: 'm', input: 'hello' },
  messages: { model: 'm', messages: [{ role: 'user', content: 'hello' }], max_tokens: 16 },
  count_tokens: { model: 'm', messages: [{ role: 'user', content: 'hello' }] },
};

export const BODY_OPERATIONS = [
  'chat',
  'completions',
  'embeddings',
  'responses',
  'messages',
  'count_tokens',
] as const satisfies readonly BodyOperation[];

export const judgeText = (operation: Operation, text: string | Uint8Array): Outcome<JudgedBody> =>
  judgeBody(endpointOf(operation), Buffer.from(text), DEFAULT_BODY_LIMITS);

/** Judges the least body with these members set; `undefined` removes one. */
export const judgeWith = (operation: BodyOperation, members: Readonly<Record<string, unknown>>): Outcome<JudgedBody> =>
  judgeText(operation, JSON.stringify({ ...LEAST[operation], ...members }));
