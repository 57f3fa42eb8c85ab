import { expect, it } from 'vitest';
import { next } from '../../src/core/outcome.ts';
import { chatHeaders, requestBody, requestHeaders, responseBody, trailers, type EnvoyRequest } from '../support/envoy-messages.ts';
import { openInProcess } from '../support/in-process.ts';

const held = { requests: 1, tokens: 70, nanoUsd: 900 };

const limits = `
limits: { perClient: { requests: 100/min } }`;

// The provider has the request: it may bill, whatever Envoy says next.
it.each<readonly [string, EnvoyRequest]>([
  ['a second body', requestBody()],
  ['the body of an answer before its head', responseBody()],
  ['a message of no kind', {}],
  ['trailers that nobody asked for', trailers('response_trailers')],
])('%s after the release is refused, and the exchange is charged', async (_what, message) => {
  const ends: unknown[] = [];
  const hold = { id: 'a hold', amounts: held, settle: (how: unknown) => void ends.push(how), cancel: () => void ends.push('cancelled') };
  await using door = await openInProcess({ holds: { take: () => Promise.resolve(next(hold)) } }, (text) => text + limits);
  const first = requestHeaders({ headers: chatHeaders({ authorization: `Bearer ${door.key}` }) });
  const { replies } = await door.converse(door.metadata('identify-and-decide'), [first, requestBody(), message]);
  expect(replies.at(-1)?.immediate_response?.status.code).toBe(503);
  expect(door.records).toMatchObject([{ disposition: 'released', code: 'answer_unchecked' }]);
  expect(ends).toEqual([held]);
});
