import { describe, expect, it } from 'vitest';
import { confirmGone } from '../../src/ports/secret-reading.ts';
import { SecretError, type SecretAnswer } from '../../src/ports/secret-source.ts';
import { Secret } from '../../src/core/secret.ts';
import { refusal } from './secret-source.ts';

const found: SecretAnswer = { kind: 'found', current: { version: 'v1', value: new Secret('sk-canary') }, previous: undefined };
const gone: SecretAnswer = { kind: 'gone' };

/** Gives each answer once; an error is thrown. */
function reader(...answers: readonly (SecretAnswer | Error)[]): { read: () => Promise<SecretAnswer>; left: () => number } {
  const rest = [...answers];
  return {
    read: () => {
      const answer = rest.shift() ?? new Error('read once too often');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    left: () => rest.length,
  };
}

describe('confirmGone', () => {
  const never = new AbortController().signal;

  it.each([
    ['found', [found], found],
    ['gone, then found: it was being replaced', [gone, found], found],
    ['gone twice', [gone, gone], gone],
  ])('reads %s', async (_what, answers, expected) => {
    const { read, left } = reader(...answers);
    expect(await confirmGone(read, 1, never)).toBe(expected);
    expect(left()).toBe(0);
  });

  it('says what the second read says where that one cannot tell', async () => {
    const { read } = reader(gone, new SecretError('unreachable'));
    expect(await refusal(confirmGone(read, 1, never), 'canary')).toBe('unreachable');
  });

  it('does not say gone when it is called off before the second read', async () => {
    const { read, left } = reader(gone, gone);
    const abort = new AbortController();
    const work = confirmGone(read, 60_000, abort.signal);
    abort.abort();
    expect(await refusal(work, 'canary')).toBe('timeout');
    expect(left()).toBe(1);
  });
});
