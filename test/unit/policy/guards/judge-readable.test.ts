import { describe, expect, it } from 'vitest';
import { judgeReadable } from '../../../../src/policy/guards/judge-readable.ts';
import type { GuardRule } from '../../../../src/policy/guards/tables.ts';

const words: GuardRule = { name: 'words', on: ['request'], onFault: 'allow', stream: 'refuse' };

describe('a text in ids of tokens', () => {
  it('is refused where a guard judges requests, whatever may be when it is away', () => {
    const publicHint = 'Part: prompt[0] (tokens). A guard judges texts: send the text itself.';
    expect(judgeReadable([words], 'prompt[0]')).toMatchObject({ kind: 'deny', denial: { code: 'content_unreadable', publicHint } });
  });

  it('passes where none does, and is nothing where all is text', () => {
    expect(judgeReadable([], 'prompt').kind).toBe('next');
    expect(judgeReadable([words], undefined).kind).toBe('next');
  });
});
