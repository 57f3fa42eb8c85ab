import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { must } from '../../../../../src/core/assert.ts';
import type { BodyOperation } from '../../../../../src/policy/llm/fields.ts';
import { answerTexts, requestTexts } from '../../../../../src/policy/llm/texts/body-texts.ts';
import { describePlace } from '../../../../../src/policy/llm/texts/site.ts';
import type { Texts } from '../../../../../src/policy/llm/texts/site.ts';
import { messageAnswer, messagesRequest } from './anthropic-samples.ts';
import { canariesIn } from './canary.ts';
import { found } from './found.ts';
import { chatAnswer, completionAnswer, embeddingsAnswer, openaiError } from './openai-answers.ts';
import { chatRequest, chatStrings, completionsRequest, embeddingsRequest } from './openai-requests.ts';
import { response, responsesReplay, responsesRequest } from './responses-samples.ts';

type Samples = readonly (readonly [string, BodyOperation, object])[];

const REQUESTS: Samples = [
  ['a chat', 'chat', chatRequest()],
  ['the other forms of a chat', 'chat', chatStrings()],
  ['completions', 'completions', completionsRequest()],
  ['embeddings', 'embeddings', embeddingsRequest()],
  ['a response', 'responses', responsesRequest()],
  ['a response with what was answered before', 'responses', responsesReplay()],
  ['a message', 'messages', messagesRequest()],
  ['a count of tokens', 'count_tokens', messagesRequest()],
];

const ANSWERS: Samples = [
  ['a chat', 'chat', chatAnswer()],
  ['completions', 'completions', completionAnswer()],
  ['embeddings', 'embeddings', embeddingsAnswer()],
  ['a response', 'responses', response()],
  ['a message', 'messages', messageAnswer()],
  ['an error of a chat', 'chat', openaiError()],
  ['an error of completions', 'completions', openaiError()],
  ['an error of embeddings', 'embeddings', openaiError()],
  ['an error of a response', 'responses', openaiError()],
  ['an error of a message', 'messages', { type: 'error', ...openaiError(), request_id: 'req_1' }],
  ['an error of a count', 'count_tokens', { type: 'error', ...openaiError() }],
];

const bytesOf = (body: object): Buffer => Buffer.from(JSON.stringify(body));

function readAnswer(operation: BodyOperation, bytes: Buffer): Texts {
  const read = answerTexts(operation, bytes);
  must(read.kind === 'read', 'the sample is JSON');
  return read;
}

describe('the texts of a request', () => {
  it.each(REQUESTS)('are all found in %s, as what they are', (_name, operation, body) => {
    const bytes = bytesOf(body);
    const texts = requestTexts(operation, bytes);
    expect(found(bytes, texts)).toEqual(canariesIn(JSON.stringify(body)).toSorted());
    expect(texts.sites.filter((site) => site.kind === 'unknown').map((site) => describePlace(site.place))).toEqual([]);
  });
});

describe('the texts of an answer', () => {
  it.each(ANSWERS)('are all found in %s, as what they are', (_name, operation, body) => {
    const bytes = bytesOf(body);
    const texts = readAnswer(operation, bytes);
    expect(found(bytes, texts)).toEqual(canariesIn(JSON.stringify(body)).toSorted());
    expect(texts.sites.filter((site) => site.kind === 'unknown').map((site) => describePlace(site.place))).toEqual([]);
  });

  it('are not told where it is no unambiguous JSON object', () => {
    expect(answerTexts('chat', Buffer.from('[{"error":{}}]'))).toMatchObject({ kind: 'refused', reason: 'not_object' });
    expect(answerTexts('chat', Buffer.from('{"id":"a","\\u0069d":"b"}'))).toMatchObject({ kind: 'refused', reason: 'duplicate_name' });
  });
});
