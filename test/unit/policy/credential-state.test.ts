import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import {
  absentCredential,
  advance,
  judgeCredential,
  nextChangeMs,
  rejectionMs,
  settleMs,
  type CredentialEvent,
  type CredentialState,
  type CredentialVersion,
} from '../../../src/policy/credential-state.ts';

const second = 1_000;
const hour = 3_600_000;
const limits = { maxStaleMs: 24 * hour, overlapMs: 2 * hour };

const v = (version: string): CredentialVersion => ({ version, value: new Secret(`sk-${version}`) });
const found = (current: string, previous?: string): CredentialEvent => ({
  kind: 'found',
  current: v(current),
  previous: previous === undefined ? undefined : v(previous),
});
const rejected = (version?: string): CredentialEvent => ({ kind: 'rejected', version });
const revoked = (version?: string): CredentialEvent => ({ kind: 'revoked', version });
const gone: CredentialEvent = { kind: 'gone' };
const failed: CredentialEvent = { kind: 'fetch_failed', code: 'unreachable' };

type Timed = readonly [atMs: number, event: CredentialEvent];

const after = (events: readonly Timed[]): CredentialState =>
  events.reduce((state, [atMs, event]) => advance(state, event, atMs, limits), absentCredential);

function verdict(state: CredentialState, nowMs: number): string {
  const { phase, served } = judgeCredential(state, nowMs, limits);
  return served === undefined ? phase : `${phase} ${served.version}`;
}

const rotation: readonly Timed[] = [
  [0, found('1')],
  [60 * second, found('2')],
];
const rotatedMs = 60 * second;

describe('a credential', () => {
  it.each<[string, readonly Timed[], number, string]>([
    ['before any answer', [], 0, 'absent'],
    ['after a failure before any answer', [[0, failed]], 5 * second, 'absent'],
    ['that was never there', [[0, gone]], 0, 'gone'],
    [
      'that came later',
      [
        [0, gone],
        [60 * second, found('1')],
      ],
      rotatedMs,
      'active 1',
    ],
    ['with one version', [[0, found('1')]], 0, 'active 1'],
    ['that changed', rotation, rotatedMs, 'overlap 2'],
    ['that changed, just before the end of the overlap', rotation, rotatedMs + 2 * hour - 1, 'overlap 2'],
    ['that changed, after the overlap', rotation, rotatedMs + 2 * hour, 'active 2'],
    ['with the version before from the store', [[0, found('2', '1')]], 0, 'overlap 2'],
    [
      'with the version before known only at the second look',
      [
        [0, found('2')],
        [second, found('2', '1')],
      ],
      second,
      'overlap 2',
    ],
    [
      'with the version before told after the overlap',
      [
        [0, found('2')],
        [2 * hour, found('2', '1')],
      ],
      2 * hour,
      'active 2',
    ],
    ['that moved back', [...rotation, [rotatedMs + 1, found('1', '2')]], rotatedMs + 1, 'overlap 1'],
    [
      'whose store cannot be asked',
      [
        [0, found('1')],
        [60 * second, failed],
      ],
      60 * second,
      'stale 1',
    ],
    ['whose store cannot be asked in the overlap', [...rotation, [rotatedMs + 1, failed]], rotatedMs + 1, 'stale 2'],
    [
      'whose store came back',
      [
        [0, found('1')],
        [1, failed],
        [2, found('1')],
      ],
      2,
      'active 1',
    ],
    [
      'just before it is too stale',
      [
        [0, found('1')],
        [60 * second, failed],
      ],
      24 * hour - 1,
      'stale 1',
    ],
    [
      'too stale to serve',
      [
        [0, found('1')],
        [60 * second, failed],
      ],
      24 * hour,
      'expired',
    ],
    ['too stale without a failure: the refreshing stopped', [[0, found('1')]], 24 * hour, 'expired'],
    [
      'that came back from too stale',
      [
        [0, found('1')],
        [25 * hour, found('1')],
      ],
      25 * hour,
      'active 1',
    ],
    [
      'that the store deleted',
      [
        [0, found('1')],
        [second, gone],
      ],
      second,
      'gone',
    ],
    [
      'that the store deleted, store then away',
      [
        [0, found('1')],
        [second, gone],
        [2 * second, failed],
      ],
      2 * second,
      'gone',
    ],
    [
      'that the store restored',
      [
        [0, found('1')],
        [second, gone],
        [2 * second, found('1')],
      ],
      2 * second,
      'active 1',
    ],
    ['deleted in the overlap and made anew', [...rotation, [rotatedMs + 1, gone], [rotatedMs + 2, found('3')]], rotatedMs + 2, 'active 3'],
  ])('%s', (_what, events, nowMs, expected) => {
    expect(verdict(after(events), nowMs)).toBe(expected);
  });

  const laterMs = rotatedMs + settleMs;
  it.each<[string, readonly Timed[], number, string]>([
    ['of the current version: the one before takes over', [...rotation, [laterMs, rejected('2')]], laterMs, 'fallback 1'],
    ['without a version, once settled', [...rotation, [laterMs, rejected()]], laterMs, 'fallback 1'],
    ['without a version, too soon after the change', [...rotation, [laterMs - 1, rejected()]], laterMs - 1, 'overlap 2'],
    ['of the current version by name, at once', [...rotation, [rotatedMs, rejected('2')]], rotatedMs, 'fallback 1'],
    ['of the version before only', [...rotation, [laterMs, rejected('1')]], laterMs, 'active 2'],
    ['of a version that is not held', [...rotation, [laterMs, rejected('9')]], laterMs, 'overlap 2'],
    ['of a version that is not held, without any', [[0, rejected('9')]], 0, 'absent'],
    [
      'of both: an alarm, not a revocation',
      [...rotation, [laterMs, rejected('2')], [laterMs + 1, rejected('1')]],
      laterMs + 1,
      'rejected 2',
    ],
    [
      'of both, without versions: the second blames what is served then',
      [...rotation, [laterMs, rejected()], [laterMs + settleMs, rejected()]],
      laterMs + settleMs,
      'rejected 2',
    ],
    [
      'of the current version, many at once: only the first counts',
      [...rotation, [laterMs, rejected()], [laterMs + 1, rejected()], [laterMs + 2, rejected()]],
      laterMs + 2,
      'fallback 1',
    ],
    [
      'with nothing to fall back on',
      [
        [0, found('1')],
        [hour, rejected()],
      ],
      hour,
      'rejected 1',
    ],
    [
      'with nothing to fall back on, alarm over',
      [
        [0, found('1')],
        [hour, rejected()],
      ],
      hour + rejectionMs,
      'active 1',
    ],
    ['of the current version, at the end of the overlap', [...rotation, [laterMs, rejected('2')]], rotatedMs + 2 * hour, 'active 2'],
    ['of a version, then a new one', [...rotation, [laterMs, rejected('2')], [laterMs + 1, found('3')]], laterMs + 1, 'active 3'],
    [
      'of a version, then a new one that is rejected too: the broken one never comes back',
      [...rotation, [laterMs, rejected('2')], [laterMs + 1, found('3')], [laterMs + 2, rejected('3')]],
      laterMs + 2,
      'rejected 3',
    ],
    [
      'of a version, then the same answer again',
      [...rotation, [laterMs, rejected('2')], [laterMs + 1, found('2', '1')]],
      laterMs + 1,
      'fallback 1',
    ],
  ])('after a rejection %s', (_what, events, nowMs, expected) => {
    expect(verdict(after(events), nowMs)).toBe(expected);
  });

  it.each<[string, readonly Timed[], number, string]>([
    [
      'of everything',
      [
        [0, found('1')],
        [1, revoked()],
      ],
      1,
      'revoked',
    ],
    ['of everything in the overlap', [...rotation, [rotatedMs + 1, revoked()]], rotatedMs + 1, 'revoked'],
    [
      'that the store does not know of',
      [
        [0, found('1')],
        [1, revoked()],
        [2, found('1')],
      ],
      2,
      'revoked',
    ],
    [
      'and a deletion and a restore',
      [
        [0, found('1')],
        [1, revoked()],
        [2, gone],
        [3, found('1')],
      ],
      3,
      'revoked',
    ],
    [
      'and a new version',
      [
        [0, found('1')],
        [1, revoked()],
        [2, found('2', '1')],
      ],
      2,
      'active 2',
    ],
    [
      'and a new version that is rejected: the revoked one stays away',
      [
        [0, found('1')],
        [1, revoked()],
        [2, found('2', '1')],
        [3, rejected('2')],
      ],
      3,
      'rejected 2',
    ],
    ['of the current version: the one before takes over', [...rotation, [rotatedMs, revoked('2')]], rotatedMs, 'fallback 1'],
    ['of the version before', [...rotation, [rotatedMs, revoked('1')]], rotatedMs, 'active 2'],
    [
      'of a version to come',
      [
        [0, found('1')],
        [1, revoked('2')],
        [2, found('2')],
      ],
      2,
      'fallback 1',
    ],
    [
      'of a version to come, after the overlap',
      [
        [0, found('1')],
        [1, revoked('2')],
        [2, found('2')],
      ],
      3 * hour,
      'revoked',
    ],
  ])('after a revocation %s', (_what, events, nowMs, expected) => {
    expect(verdict(after(events), nowMs)).toBe(expected);
  });

  it('lets go of the version before once the overlap is over', () => {
    const kept = after([...rotation, [rotatedMs + 2 * hour - 1, found('2')]]);
    const dropped = after([...rotation, [rotatedMs + 2 * hour, found('2')]]);
    expect(kept.previous?.version).toBe('1');
    expect(dropped.previous).toBeUndefined();
  });

  it('keeps no value after a deletion', () => {
    const state = after([...rotation, [rotatedMs + 1, gone]]);
    expect([state.current, state.previous]).toEqual([undefined, undefined]);
  });

  it('serves nothing without a clock step back being the reason', () => {
    expect(verdict(after([[hour, found('1')]]), 0)).toBe('active 1');
  });

  const anyEvent = fc.oneof(
    fc
      .tuple(fc.constantFrom('1', '2', '3'), fc.constantFrom(undefined, '1', '2', '3'))
      .map(([current, previous]) => found(current, previous)),
    fc.constantFrom(gone, failed),
    fc.constantFrom(undefined, '1', '2', '3').map(rejected),
    fc.constantFrom(undefined, '1', '2', '3').map(revoked),
  );
  const anyHistory = fc.array(fc.tuple(fc.nat(3 * hour), anyEvent), { maxLength: 30 }).map((steps) => {
    let atMs = 0;
    return steps.map(([waitMs, event]): Timed => [(atMs += waitMs), event]);
  });

  it('never serves what was revoked, deleted or not heard of for 24 h', () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(30 * hour), (history, waitMs) => {
        const state = after(history);
        const endMs = history.at(-1)?.[0] ?? 0;
        const { served } = judgeCredential(state, endMs + waitMs, limits);
        const lastAnswer = history.findLast(([, event]) => event.kind === 'found' || event.kind === 'gone');
        if (served !== undefined) {
          expect(lastAnswer?.[1].kind).toBe('found');
          expect(endMs + waitMs - (lastAnswer?.[0] ?? 0)).toBeLessThan(24 * hour);
          expect(history.some(([, event]) => event.kind === 'revoked' && event.version === served.version)).toBe(false);
        }
      }),
    );
  });

  it('never changes between the moments that it names', () => {
    fc.assert(
      fc.property(anyHistory, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (history, share) => {
        const state = after(history);
        const startMs = history.at(-1)?.[0] ?? 0;
        const nextMs = nextChangeMs(state, startMs, limits) ?? startMs + 100 * hour;
        const betweenMs = startMs + Math.floor((nextMs - startMs) * share);
        expect(verdict(state, betweenMs)).toBe(verdict(state, startMs));
      }),
    );
  });
});
