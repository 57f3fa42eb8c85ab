import { json, type Answer, type Call, type Header } from './provider-answer.ts';
import type { Refusals } from './provider-operation.ts';

export function anthropicHeaders(call: Call): readonly Header[] {
  return [['request-id', `req_${call.id}`]];
}

/** Anthropic, other than OpenAI, never repeats the key it refuses. */
export const anthropicRefusals: Refusals = {
  badKey: (presented, call) =>
    refuse(401, 'authentication_error', presented === undefined ? 'x-api-key header is required' : 'invalid x-api-key', call),
  badJson: (call) => refuse(400, 'invalid_request_error', 'The request body is not valid JSON.', call),
  badParameter: (parameter, problem, call) => refuse(400, 'invalid_request_error', `${parameter}: ${problem}`, call),
  unknownModel: (model, call) => refuse(404, 'not_found_error', `model: ${model}`, call),
  unknownPath: (_method, _path, call) => refuse(404, 'not_found_error', 'Not Found', call),
};

function refuse(status: number, type: string, message: string, call: Call): Answer {
  return json(status, { type: 'error', error: { type, message }, request_id: `req_${call.id}` }, anthropicHeaders(call));
}
