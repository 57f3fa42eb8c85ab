import { expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { chatHeaders, requestBody, requestHeaders, responseHeaders } from '../support/envoy-messages.ts';
import { openInProcess } from '../support/in-process.ts';

const answeredBy = (provider: string): object => ({
  attributes: {
    'envoy.filters.http.ext_proc': {
      fields: { 'response.code_details': { stringValue: 'via_upstream' }, 'xds.cluster_name': { stringValue: provider } },
    },
  },
});

it.each([
  // A provider forbids for many reasons, flagged words among them: a caller must not be able to take a key out of use.
  [401, ['alpha']],
  [403, []],
])('on a %i of the provider, counts against the keys of %j', async (status, expected) => {
  const rejected: string[] = [];
  const secret = new Secret('a pepper for tests only');
  await using door = await openInProcess({
    credentials: {
      served: () => secret,
      reject: (name) => {
        rejected.push(name);
      },
    },
  });
  const headers = chatHeaders({ authorization: `Bearer ${door.key}` });
  const { replies } = await door.converse(door.metadata('identify-and-decide'), [
    requestHeaders({ headers }),
    requestBody(),
    { ...responseHeaders({ ':status': String(status) }), ...answeredBy('alpha') },
  ]);
  expect(replies.at(-1)?.immediate_response?.status.code).toBe(502);
  expect(rejected).toEqual(expected);
});
