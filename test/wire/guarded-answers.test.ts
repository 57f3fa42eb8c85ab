import { expect, it } from 'vitest';
import type { GuardAnswer } from '../../src/core/guard.ts';
import { chatHeaders, requestBody, requestHeaders, responseBody, responseHeaders } from '../support/envoy-messages.ts';
import { openInProcess, type InProcess } from '../support/in-process.ts';
import { readStream } from '../support/read-streams.ts';

const answeredByAlpha = {
  attributes: {
    'envoy.filters.http.ext_proc': {
      fields: { 'response.code_details': { stringValue: 'via_upstream' }, 'xds.cluster_name': { stringValue: 'alpha' } },
    },
  },
};

const guarded = (settings: string): string => `${settings.replace("models: ['*']", "models: ['*'], guards: [words]")}
guardrails:
  - { name: words, kind: http, url: 'https://guard.example/judge', on: [response], stream: { window: 64 } }
`;

const windowOf = (letter: string): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: letter.repeat(64) } }] })}\n\n`;
const [first, second, third] = [windowOf('a'), windowOf('b'), windowOf('c')];

/** What the client gets in the place of each of these pieces. */
async function passed(door: InProcess, pieces: readonly string[]): Promise<readonly (string | undefined)[]> {
  const request = { model: 'large', stream: true, messages: [{ role: 'user', content: 'hi' }] };
  const { replies } = await door.converse(door.metadata('identify-and-decide'), [
    requestHeaders({ headers: chatHeaders({ authorization: `Bearer ${door.key}` }) }),
    requestBody(Buffer.from(JSON.stringify(request))),
    { ...responseHeaders({ 'content-type': 'text/event-stream' }), ...answeredByAlpha },
    ...pieces.map((piece) => responseBody(piece, false)),
    responseBody('', true),
  ]);
  return replies.slice(3).map((reply) => reply.response_body?.response.body_mutation?.body.toString());
}

const clear: readonly GuardAnswer[] = [{ guard: 'words', verdict: { kind: 'clear', score: undefined }, tookMs: 1 }];
const find = (): Promise<{ readonly kind: 'fault'; readonly cause: 'internal' }> => Promise.resolve({ kind: 'fault', cause: 'internal' });

it.each<[string, (late: () => void) => Promise<readonly GuardAnswer[]>, string]>([
  ['cannot be asked', () => Promise.reject(new Error('no guard')), 'answer: internal: Error'],
  [
    'clears it too late',
    (late) => {
      late();
      return Promise.resolve(clear);
    },
    'answer: deadline: took 60000 ms',
  ],
])('a stream whose guard %s ends with an event, since its head has gone out', async (_, judge, detail) => {
  let nowMs = Date.now();
  let questions = 0;
  const guards = {
    find,
    judge: () => {
      questions += 1;
      return questions === 1
        ? Promise.resolve(clear)
        : judge(() => {
            nowMs += 60_000;
          });
    },
  };
  await using door = await openInProcess({ guards, clock: () => nowMs }, guarded);
  const [clearPart, refused, ...rest] = await passed(door, [first, second, third]);
  expect(clearPart).toBe(first);
  expect(readStream('chat', refused ?? '').error).toMatch(/could not check the answer/);
  expect(refused).not.toContain('bb');
  expect(rest).toEqual(['', '']);
  expect(questions).toBe(2);
  expect(door.records).toMatchObject([{ status: 200, code: 'answer_unchecked', detail, ending: 'complete' }]);
});
