import { describe, expect, it } from 'vitest';
import { judgeQueryText, withheldHeaders } from '../../../../src/policy/masking/mask-head.ts';
import { maskingOf, planFor } from '../../../../src/policy/masking/masking.ts';
import { denied, ruleOf } from './masks.ts';

const mail = 'jane@example.com';
const card = '4111-1111-1111-1111';
const header = (name: string, value: string) => ({ name, value });
const planOf = (...asked: Parameters<typeof ruleOf>) => planFor(maskingOf(ruleOf(...asked))).request;
const masked = planOf({ request: { email: 'mask', card: 'block', ip: 'log' } });

describe('the head of a request', () => {
  it('loses the headers in which something is to be hidden', () => {
    const long = header('anthropic-beta', `${'beta, '.repeat(60)}${mail}`);
    const headers = [header('user-agent', `App/1 (${mail})`), header('accept', '*/*'), header('openai-beta', card), long];
    expect(withheldHeaders(masked, headers)).toEqual(['user-agent', 'openai-beta', 'anthropic-beta']);
    expect(withheldHeaders(masked, headers)).toEqual(['user-agent', 'openai-beta', 'anthropic-beta']);
  });

  it.each(['OpenAI/JS 6.1.0', 'Mozilla/5.0 (X11) Chrome/120.0.0.0 Safari/537.36', '203.0.113.77', ''])('keeps the others: %s', (value) => {
    expect(withheldHeaders(masked, [header('user-agent', value)])).toEqual([]);
  });

  it('is refused where its query has something to hide, without a word of it', () => {
    expect(denied(judgeQueryText(masked, `?beta=true&card=${card}`))).toEqual(['content_blocked', 'Found: card in the query of the URL.']);
  });

  it.each(['', '?beta=true', '?ip=203.0.113.77'])('passes with any other query: "%s"', (query) => {
    expect(judgeQueryText(masked, query).kind).toBe('next');
  });

  it.each([
    ['nothing is looked for', undefined],
    ['all is only noted', planOf({ request: { email: 'log', card: 'log' } })],
    ['answers alone are searched', planOf({ response: { card: 'redact' } })],
  ])('stays as it is where %s', (_, plan) => {
    expect(withheldHeaders(plan, [header('user-agent', mail)])).toEqual([]);
    expect(judgeQueryText(plan, `?card=${card}`).kind).toBe('next');
  });
});
