import { describe, expect, it } from 'vitest';
import type { GuardStream } from '../../../../src/core/guard.ts';
import { judgeStream, windowOf } from '../../../../src/policy/guards/judge-stream.ts';
import type { GuardRule } from '../../../../src/policy/guards/tables.ts';

const guard = (name: string, stream: GuardStream): GuardRule => ({ name, on: ['response'], onFault: 'deny', stream });
const whole = guard('whole', 'buffer');
const unwilling = guard('unwilling', 'refuse');
const small = guard('small', { window: 100 });
const large = guard('large', { window: 2_000 });

describe('judgeStream', () => {
  it('lets a stream be one where no guard sees the answer', () => {
    expect(judgeStream([])).toEqual({ kind: 'next', found: { window: undefined } });
  });

  it.each([
    ['the one window', [small], 100],
    ['the largest window', [small, large, small], 2_000],
    ['the whole where one guard needs it', [small, whole, large], Infinity],
  ])('holds it back for %s', (_, rules, window) => {
    expect(judgeStream(rules)).toEqual({ kind: 'next', found: { window } });
    expect(windowOf(rules)).toBe(window);
  });

  it('refuses it where one guard takes none, whatever the others do, and the log says which', () => {
    expect(judgeStream([small, whole, unwilling])).toMatchObject({ kind: 'deny', denial: { code: 'stream_guarded', detail: 'unwilling' } });
  });

  it('holds one that nobody had asked for back until it is whole, where a guard takes none', () => {
    expect(windowOf([small, unwilling])).toBe(Infinity);
  });
});
