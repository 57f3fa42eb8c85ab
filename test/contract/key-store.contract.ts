import { beforeEach, describe, expect, it } from 'vitest';
import type { Block, KeyAdmin, KeyReader, KeyRecord } from '../../src/ports/key-store.ts';
import { StoreError } from '../../src/ports/key-store.ts';
import { until } from '../support/wait.ts';
import { keepHandles } from './handles.ts';

export interface StoreHandle extends KeyReader, KeyAdmin {
  close(): Promise<void>;
}

/** One store, as the suite needs it; each test gets a fresh one. */
export interface StoreUnderTest {
  /** One more process's view of the same store; the suite closes what it opened. */
  open(): Promise<StoreHandle>;
  /** Makes what is stored of this key unreadable, behind the adapter's back. */
  corrupt(id: string): void;
  /** Takes the store away; returns how to bring it back as it was. */
  takeAway(): () => void;
  dispose(): void;
}

/** What another process wrote is decided by at most this much later (issue: a revocation acts within 5 s). */
const seenWithinMs = 2_000;

/** A decision that cannot know must say so this soon: 50 ms, and what a busy test machine adds. */
const answerMsMax = 500;

export function keyRecord(id: string, changes: Partial<KeyRecord> = {}): KeyRecord {
  return {
    id,
    environment: 'live',
    name: 'ledger, nightly run',
    client: 'ledger-app',
    team: 'finance',
    tier: undefined,
    user: undefined,
    policy: 'premium',
    models: ['gpt-4o*'],
    operations: ['chat', 'embeddings'],
    networks: ['10.0.0.0/8'],
    digests: ['ab'.repeat(32)],
    createdAtMs: 1_000,
    expiresAtMs: 9_000_000_000_000,
    revokedAtMs: undefined,
    ...changes,
  };
}

export const block = (changes: Partial<Block> = {}): Block => ({
  kind: 'client',
  value: 'ledger-app',
  reason: 'leaked laptop',
  atMs: 2_000,
  abortStreams: false,
  ...changes,
});

const numbered = (number: number): string => String(number).padStart(10, '0');

/** The suite that every `KeyReader & KeyAdmin` has to pass. */
export function describeKeyStore(name: string, start: () => StoreUnderTest): void {
  describe(`${name} as a key store`, () => {
    const { under, open } = keepHandles(start);
    let store: StoreHandle;
    beforeEach(async () => {
      store = await open();
    });

    it('gives back every member of a key as it was created', async () => {
      const full = keyRecord('AAAAAAAAAA', { tier: 'gold', user: 'ann', digests: ['ab'.repeat(32), 'cd'.repeat(32)], revokedAtMs: 5 });
      const bare = keyRecord('BBBBBBBBBB', {
        createdAtMs: 2_000,
        team: undefined,
        policy: undefined,
        models: undefined,
        operations: undefined,
        networks: undefined,
        expiresAtMs: undefined,
      });
      await store.create(full);
      await store.create(bare);
      expect(await store.find('AAAAAAAAAA')).toEqual(full);
      expect(await store.find('BBBBBBBBBB')).toEqual(bare);
      expect(await store.list()).toEqual([full, bare]);
    });

    it('tells a scope narrowed to nothing from one that is not narrowed', async () => {
      await store.create(keyRecord('AAAAAAAAAA', { models: [], operations: [], networks: [] }));
      expect(await store.find('AAAAAAAAAA')).toMatchObject({ models: [], operations: [], networks: [] });
    });

    it.each(['BBBBBBBBBB', 'aaaaaaaaaa', '', "' OR 1=1 --", '\0', '%', '_________A', 'AAAAAAAAA_', '__proto__'])(
      'knows no key by the id %j',
      async (id) => {
        await store.create(keyRecord('AAAAAAAAAA'));
        expect(await store.find(id)).toBeUndefined();
        expect(await store.find(id)).toBeUndefined();
        expect(await store.revoke(id, 1)).toBe(false);
      },
    );

    it('finds a key that was unknown a moment ago', async () => {
      expect(await store.find('AAAAAAAAAA')).toBeUndefined();
      await store.create(keyRecord('AAAAAAAAAA'));
      expect(await store.find('AAAAAAAAAA')).toBeDefined();
    });

    it('refuses a second key of the same id and keeps the first', async () => {
      const first = keyRecord('AAAAAAAAAA');
      await store.create(first);
      await expect(store.create(keyRecord('AAAAAAAAAA', { client: 'other' }))).rejects.toMatchObject({
        name: 'StoreError',
        code: 'refused',
      });
      expect(await store.find('AAAAAAAAAA')).toEqual(first);
    });

    it.each<[string, Partial<KeyRecord>]>([
      ['no digest', { digests: [] }],
      ['three digests', { digests: ['ab'.repeat(32), 'cd'.repeat(32), 'ef'.repeat(32)] }],
      ['a digest that is none', { digests: ['vk_live_plain'] }],
      ['a name that moves the cursor', { name: 'x\u001b[2J' }],
      ['no client', { client: '' }],
      ['a time that is no integer', { expiresAtMs: Number.NaN }],
      ['a list without end', { models: Array.from({ length: 1_001 }, () => 'm') }],
    ])('refuses to store a key with %s', async (_name, changes) => {
      await expect(store.create(keyRecord('AAAAAAAAAA', changes))).rejects.toMatchObject({ name: 'StoreError', code: 'refused' });
      expect(await store.list()).toEqual([]);
    });

    it('revokes at once for itself, and keeps the first time', async () => {
      await store.create(keyRecord('AAAAAAAAAA'));
      // Blocks are looked up between, so that a store with a memory has the key in it when it is revoked.
      expect((await store.find('AAAAAAAAAA'))?.revokedAtMs).toBeUndefined();
      expect(await store.blocks()).toEqual([]);
      expect((await store.find('AAAAAAAAAA'))?.revokedAtMs).toBeUndefined();
      expect(await store.revoke('AAAAAAAAAA', 3_000)).toBe(true);
      expect((await store.find('AAAAAAAAAA'))?.revokedAtMs).toBe(3_000);
      expect(await store.revoke('AAAAAAAAAA', 4_000)).toBe(true);
      expect((await store.find('AAAAAAAAAA'))?.revokedAtMs).toBe(3_000);
    });

    it('sees within 2 s what another handle revoked and blocked, and tells its listeners', async () => {
      await store.create(keyRecord('AAAAAAAAAA'));
      const reader = await open();
      expect((await reader.find('AAAAAAAAAA'))?.revokedAtMs).toBeUndefined();
      expect(await reader.blocks()).toEqual([]);
      let calls = 0;
      const stop = reader.onChange(() => (calls += 1));

      await store.revoke('AAAAAAAAAA', 3_000);
      await store.block(block());
      await until(async () => (await reader.find('AAAAAAAAAA'))?.revokedAtMs === 3_000, {
        deadlineMs: seenWithinMs,
        what: 'the revocation',
      });
      await until(async () => (await reader.blocks()).length === 1, { deadlineMs: seenWithinMs, what: 'the block' });
      expect(await reader.blocks()).toEqual([block()]);
      expect(calls).toBeGreaterThan(0);

      stop();
      const before = calls;
      await store.unblock('client', 'ledger-app');
      await until(async () => (await reader.blocks()).length === 0, { deadlineMs: seenWithinMs, what: 'the end of the block' });
      expect(calls).toBe(before);
    });

    it('keeps one block for each kind and value, the newest', async () => {
      await store.block(block());
      await store.block(block({ reason: 'worse than thought', atMs: 3_000, abortStreams: true }));
      await store.block(block({ kind: 'key', value: 'AAAAAAAAAA', atMs: 4_000 }));
      await store.block(block({ kind: 'all', value: '', atMs: 5_000 }));
      const expected = [
        block({ reason: 'worse than thought', atMs: 3_000, abortStreams: true }),
        block({ kind: 'key', value: 'AAAAAAAAAA', atMs: 4_000 }),
        block({ kind: 'all', value: '', atMs: 5_000 }),
      ];
      expect(await store.listBlocks()).toEqual(expected);
      expect(await store.blocks()).toEqual(expected);
    });

    it('lifts only the block that was named', async () => {
      await store.block(block());
      await store.block(block({ kind: 'jti', value: 'ledger-app' }));
      expect(await store.unblock('key', 'ledger-app')).toBe(false);
      expect(await store.unblock('jti', 'ledger-app')).toBe(true);
      expect(await store.unblock('jti', 'ledger-app')).toBe(false);
      expect(await store.blocks()).toEqual([block()]);
    });

    it('answers for an unreadable key with an error, and for the others as ever', async () => {
      await store.create(keyRecord('AAAAAAAAAA'));
      await store.create(keyRecord('BBBBBBBBBB'));
      under().corrupt('AAAAAAAAAA');
      await until(
        async () => {
          try {
            return (await store.find('AAAAAAAAAA')) === undefined;
          } catch (error) {
            return error instanceof StoreError && error.code === 'bad_reply';
          }
        },
        { deadlineMs: seenWithinMs, what: 'the unreadable key' },
      );
      await expect(store.find('AAAAAAAAAA')).rejects.toMatchObject({ name: 'StoreError', code: 'bad_reply' });
      expect(await store.find('BBBBBBBBBB')).toBeDefined();
    });

    it('never takes a store that is away for one without keys and blocks, and recovers', async () => {
      await store.create(keyRecord('AAAAAAAAAA'));
      await store.block(block());
      const bringBack = under().takeAway();
      await until(() => !store.healthy(), { deadlineMs: seenWithinMs, what: 'the handle to be unhealthy' });
      const askedAtMs = performance.now();
      await expect(store.find('AAAAAAAAAA')).rejects.toThrow(StoreError);
      await expect(store.find('BBBBBBBBBB')).rejects.toThrow(StoreError);
      await expect(store.blocks()).rejects.toThrow(StoreError);
      expect(performance.now() - askedAtMs).toBeLessThan(3 * answerMsMax);
      await expect(store.create(keyRecord('CCCCCCCCCC'))).rejects.toThrow(StoreError);

      bringBack();
      await until(() => store.healthy(), { deadlineMs: 3 * seenWithinMs, what: 'the handle to be healthy again' });
      expect(await store.find('AAAAAAAAAA')).toEqual(keyRecord('AAAAAAAAAA'));
      expect(await store.find('CCCCCCCCCC')).toBeUndefined();
      expect(await store.blocks()).toEqual([block()]);
    });

    it('keeps each of 100 keys created at once', async () => {
      const ids = Array.from({ length: 100 }, (_, index) => numbered(index));
      await Promise.all(ids.map((id) => store.create(keyRecord(id))));
      await store.close();
      const again = await open();
      expect((await again.list()).map((record) => record.id)).toEqual(ids);
    });

    it('refuses one write among many without harm to the others', async () => {
      await store.create(keyRecord('AAAAAAAAAA'));
      const results = await Promise.allSettled(
        ['BBBBBBBBBB', 'AAAAAAAAAA', 'CCCCCCCCCC'].map((id) => store.create(keyRecord(id, { client: 'new' }))),
      );
      expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await store.list()).map((record) => record.client).toSorted()).toEqual(['ledger-app', 'new', 'new']);
    });

    it('answers nothing once it is closed, and closes twice without complaint', async () => {
      await store.create(keyRecord('AAAAAAAAAA'));
      expect(await store.find('AAAAAAAAAA')).toBeDefined();
      await store.close();
      expect(store.healthy()).toBe(false);
      await expect(store.find('AAAAAAAAAA')).rejects.toThrow(StoreError);
      await expect(store.blocks()).rejects.toThrow(StoreError);
      await expect(store.list()).rejects.toThrow(StoreError);
      await expect(store.revoke('AAAAAAAAAA', 1)).rejects.toThrow(StoreError);
      await store.close();
    });
  });
}
