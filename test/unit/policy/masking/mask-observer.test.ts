import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { MaskAction } from '../../../../src/core/masking.ts';
import { describePlace } from '../../../../src/policy/llm/texts/site.ts';
import { maskRequest } from '../../../../src/policy/masking/mask-request.ts';
import { maskingOf, planFor } from '../../../../src/policy/masking/masking.ts';
import { openPlaceholders } from '../../../../src/policy/masking/placeholder.ts';

const placeholderOf = openPlaceholders(Buffer.alloc(32, 7), 'holder');
const address = 'jane.doe@example.com';

/** What an observer knows at the end, and what the log is told. */
function observe(action: MaskAction, ...contents: readonly string[]) {
  const rule = { request: { actions: new Map([['email', action]]), pass: [], restore: true }, response: undefined };
  const body = { model: 'large', messages: contents.map((content) => ({ role: 'user', content })) };
  let found: string[] = [];
  let times = 0;
  const outcome = maskRequest({
    operation: 'chat',
    bytes: Buffer.from(JSON.stringify(body)),
    plan: planFor(maskingOf(rule)),
    placeholderOf,
    observer: {
      begin: () => {
        found = [];
        times += 1;
      },
      found: (each) => found.push(`${each.entity} ${each.action} ${describePlace(each.place)}`),
    },
  });
  return { found, times, counts: outcome.kind === 'next' ? [...outcome.found.counts] : outcome.kind };
}

describe('an observer of masking', () => {
  it.each(['log', 'mask', 'redact'] as const)('knows where something was found, as often as the log counts it: %s', (action) => {
    expect(observe(action, `to ${address}`, 'nothing', `${address} and ${address}`)).toEqual({
      found: [0, 2, 2].map((index) => `email ${action} messages[${String(index)}].content`),
      times: 1,
      counts: [[`email ${action}`, 3]],
    });
  });

  it('knows what a request is refused for', () => {
    expect(observe('block', 'nothing', address, address)).toMatchObject({ found: ['email block messages[1].content'], counts: 'deny' });
  });

  it('is told anew where a request is gone through twice, and of the words that look like its placeholders', () => {
    expect(observe('mask', address, placeholderOf('email', address))).toEqual({
      found: ['email mask messages[0].content', 'text mask messages[1].content'],
      times: 2,
      counts: [['email mask', 1]],
    });
  });
});
