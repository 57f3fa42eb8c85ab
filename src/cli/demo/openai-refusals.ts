import { json, type Answer, type Call, type Header } from './provider-answer.ts';
import type { Refusals } from './provider-operation.ts';

export function openAiHeaders(call: Call): readonly Header[] {
  return [
    ['x-request-id', `req_${call.id}`],
    ['openai-version', '2020-10-01'],
  ];
}

export const openAiRefusals: Refusals = {
  badKey: (presented, call) =>
    presented === undefined
      ? refuse(401, "You didn't provide an API key. Send it as 'Authorization: Bearer YOUR_KEY'.", null, null, call)
      : refuse(401, `Incorrect API key provided: ${shorten(presented)}.`, null, 'invalid_api_key', call),
  badJson: (call) => refuse(400, 'We could not parse the JSON body of your request.', null, null, call),
  badParameter: (parameter, problem, call) =>
    refuse(400, `Invalid value for '${parameter}': ${problem}.`, parameter, 'invalid_value', call),
  unknownModel: (model, call) =>
    refuse(404, `The model \`${model}\` does not exist or you do not have access to it.`, null, 'model_not_found', call),
  unknownPath: (method, path, call) => refuse(404, `Invalid URL (${method} ${path})`, null, 'unknown_url', call),
};

/** OpenAI echoes the start and the end of a key it does not know, so a wrong key of ours would be shown to whoever reads the answer. */
function shorten(key: string): string {
  return key.length <= 12 ? '*'.repeat(key.length) : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`;
}

function refuse(status: number, message: string, param: string | null, code: string | null, call: Call): Answer {
  return json(status, { error: { message, type: 'invalid_request_error', param, code } }, openAiHeaders(call));
}
