import { beforeEach, describe, expect, it } from 'vitest';
import type { OperatorRecord } from '../../src/core/operator.ts';
import type { OperatorStore } from '../../src/ports/operators.ts';
import { keepHandles } from './handles.ts';

export interface OperatorHandle extends OperatorStore {
  close(): Promise<void>;
}

/** One store, as the suite needs it; each test gets a fresh one. */
export interface OperatorsUnderTest {
  /** One more process's view of the same store; the suite closes what it opened. */
  open(): Promise<OperatorHandle>;
  dispose(): void;
}

export const operator = (id: string, changes: Partial<OperatorRecord> = {}): OperatorRecord => ({
  id,
  name: 'ann',
  role: 'approver',
  digest: 'ab'.repeat(32),
  createdAtMs: 1_000,
  expiresAtMs: 9_000_000_000_000,
  revokedAtMs: undefined,
  ...changes,
});

/** The suite that every `OperatorStore` has to pass. */
export function describeOperators(name: string, start: () => OperatorsUnderTest): void {
  describe(`${name} as a store of operators`, () => {
    const { open } = keepHandles(start);
    let store: OperatorHandle;
    beforeEach(async () => {
      store = await open();
    });

    it('gives back every member of a token as it was created, and several of one operator', async () => {
      const first = operator('AAAAAAAAAA', { role: 'admin', revokedAtMs: 5 });
      const second = operator('BBBBBBBBBB', { createdAtMs: 2_000, role: 'viewer' });
      await store.createOperator(second);
      await store.createOperator(first);
      expect(await store.findOperator('AAAAAAAAAA')).toEqual(first);
      expect(await store.listOperators()).toEqual([first, second]);
    });

    it.each(['BBBBBBBBBB', 'aaaaaaaaaa', '', "' OR 1=1 --", '\0', '%', '_________A', '__proto__'])(
      'X2: knows no token by the id %j',
      async (id) => {
        await store.createOperator(operator('AAAAAAAAAA'));
        expect(await store.findOperator(id)).toBeUndefined();
        expect(await store.revokeOperator(id, 1)).toBe(false);
      },
    );

    it('shows another handle at once what was revoked, and keeps the first time', async () => {
      const other = await open();
      await store.createOperator(operator('AAAAAAAAAA'));
      expect(await other.findOperator('AAAAAAAAAA')).toBeDefined();
      expect(await store.revokeOperator('AAAAAAAAAA', 3_000)).toBe(true);
      expect(await other.findOperator('AAAAAAAAAA')).toMatchObject({ revokedAtMs: 3_000 });
      expect(await other.revokeOperator('AAAAAAAAAA', 4_000)).toBe(true);
      expect(await store.findOperator('AAAAAAAAAA')).toMatchObject({ revokedAtMs: 3_000 });
    });

    it('refuses a second token of the same id and keeps the first', async () => {
      await store.createOperator(operator('AAAAAAAAAA'));
      await expect(store.createOperator(operator('AAAAAAAAAA', { role: 'admin' }))).rejects.toMatchObject({ code: 'refused' });
      expect(await store.listOperators()).toEqual([operator('AAAAAAAAAA')]);
    });

    it.each<[string, Partial<OperatorRecord>]>([
      ['a digest that is none', { digest: 'op_plain' }],
      ['a name in capitals', { name: 'Ann' }],
      ['no name', { name: '' }],
      ['an expiry that is no time', { expiresAtMs: Number.NaN }],
    ])('refuses to store a token with %s', async (_name, changes) => {
      await expect(store.createOperator(operator('AAAAAAAAAA', changes))).rejects.toMatchObject({ name: 'StoreError', code: 'refused' });
      expect(await store.listOperators()).toEqual([]);
    });
  });
}
