import { expect, it } from 'vitest';
import type { GuardAnswer } from '../../src/core/guard.ts';
import { chatHeaders, requestBody, requestHeaders, responseBody, responseHeaders } from '../support/envoy-messages.ts';
import { openInProcess, type InProcess } from '../support/in-process.ts';

const answeredByAlpha = {
  attributes: {
    'envoy.filters.http.ext_proc': {
      fields: { 'response.code_details': { stringValue: 'via_upstream' }, 'xds.cluster_name': { stringValue: 'alpha' } },
    },
  },
};

const guarded = (settings: string): string => `${settings.replace("models: ['*']", "models: ['*'], guards: [words]")}
guardrails:
  - { name: words, kind: http, url: 'https://guard.example/judge', on: [request, response] }
`;

const said = (kind: 'clear' | 'flagged'): readonly GuardAnswer[] => [
  { guard: 'words', verdict: kind === 'clear' ? { kind, score: 0.1 } : { kind, score: 0.9, labels: ['bad'] }, tookMs: 1 },
];
const guards = {
  find: () => Promise.resolve({ kind: 'fault' as const, cause: 'internal' as const }),
  judge: (_names: readonly string[], { texts }: { readonly texts: readonly string[] }) =>
    Promise.resolve(said(texts.some((text) => text.includes('forbidden')) ? 'flagged' : 'clear')),
};

const ask = async (door: InProcess, body: string, answer?: string): Promise<unknown> =>
  door.converse(door.metadata('identify-and-decide'), [
    requestHeaders({ headers: chatHeaders({ authorization: `Bearer ${door.key}` }) }),
    requestBody(Buffer.from(body)),
    ...(answer === undefined
      ? []
      : [{ ...responseHeaders({ 'content-type': 'application/json' }), ...answeredByAlpha }, responseBody(answer, true)]),
  ]);

const chat = (content: string, model = 'large'): string => JSON.stringify({ model, messages: [{ role: 'user', content }] });

it.each([
  ['a guard flags it', chat('forbidden'), 'guard_flagged', 'large'],
  ['there is no such model', chat('hi', 'huge'), 'model_not_allowed', 'huge'],
  ['it cannot be read', '{"model": "large"', 'body_invalid', undefined],
])('the record of a request that is refused since %s names the model where one was asked for', async (_, body, code, model) => {
  await using door = await openInProcess({ guards }, guarded);
  await ask(door, body);
  expect(door.records).toMatchObject([{ disposition: 'denied', code, model }]);
});

it('verdicts about the answer are told from those about the request', async () => {
  await using door = await openInProcess({ guards }, guarded);
  await ask(door, chat('hi'), JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content: 'hello' } }] }));
  expect(door.records).toMatchObject([{ disposition: 'released', verdicts: ['words clear (0.10)', 'response: words clear (0.10)'] }]);
});
