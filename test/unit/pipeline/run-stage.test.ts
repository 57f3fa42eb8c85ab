import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/core/assert.ts';
import { deny, next } from '../../../src/core/outcome.ts';
import { runStage } from '../../../src/pipeline/run-stage.ts';
import { StoreError } from '../../../src/ports/key-store.ts';
import { SecretError } from '../../../src/ports/secret-source.ts';
import { TokenKeysError } from '../../../src/ports/token-keys.ts';

const clockFrom = (...times: readonly number[]): (() => number) => {
  const left = [...times];
  return () => left.shift() ?? times.at(-1) ?? 0;
};

describe('a stage', () => {
  it('hands its outcome on', async () => {
    expect(await runStage('check', clockFrom(0, 10), 100, () => Promise.resolve(next('found')))).toEqual(next('found'));
    expect(await runStage('check', clockFrom(0, 10), 100, () => Promise.resolve(deny('caller_blocked')))).toEqual(deny('caller_blocked'));
  });

  it('that answers too late is a fault, whatever it answered', async () => {
    expect(await runStage('check', clockFrom(0, 101), 100, () => Promise.resolve(next('found')))).toMatchObject({
      kind: 'fault',
      fault: { step: 'check', cause: 'deadline' },
    });
  });

  it.each<[unknown, string]>([
    [new StoreError('locked'), 'store'],
    [new SecretError('unreachable'), 'secret'],
    [new TokenKeysError('timeout'), 'jwks'],
    [new InvariantError('never'), 'invariant'],
    [new TypeError('Cannot read properties of undefined'), 'internal'],
    ['a thrown text', 'internal'],
    [undefined, 'internal'],
  ])('that throws %s is a fault', async (thrown, cause) => {
    const outcome = await runStage('decide', clockFrom(0), 100, () => Promise.reject(thrown));
    expect(outcome).toMatchObject({ kind: 'fault', fault: { step: 'decide', cause } });
  });

  it('keeps the words of a foreign error to itself', async () => {
    const outcome = await runStage('decide', clockFrom(0), 100, () => Promise.reject(new Error('sk-secret in a message')));
    expect(JSON.stringify(outcome)).not.toContain('sk-secret');
  });
});
