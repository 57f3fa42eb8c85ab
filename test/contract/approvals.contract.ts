import { beforeEach, describe, expect, it } from 'vitest';
import { approvalOpenMsMax, type Approval, type ApprovalChange } from '../../src/core/approval.ts';
import type { ApprovalReader, ApprovalStore } from '../../src/ports/approvals.ts';
import { StoreError } from '../../src/ports/key-store.ts';
import { until } from '../support/wait.ts';
import { keepHandles } from './handles.ts';

export interface ApprovalHandle extends ApprovalReader, ApprovalStore {
  close(): Promise<void>;
}

/** One store, as the suite needs it; each test gets a fresh one. */
export interface ApprovalsUnderTest {
  /** One more process's view of the same store; the suite closes what it opened. */
  open(): Promise<ApprovalHandle>;
  /** Takes the store away; returns how to bring it back as it was. */
  takeAway(): () => void;
  dispose(): void;
}

/** What another process wrote is decided by at most this much later (issue: a revocation acts within 5 s). */
const seenWithinMs = 2_000;
const openMax = 1_000;

const nowMs = Date.now();
const by = (name: string, atMs = nowMs) => ({ by: name, atMs, reason: `because of ${name}` });

export const request = (id: string, changes: Partial<Approval> = {}): Approval => ({
  id,
  model: 'large',
  subject: 'team',
  value: 'finance',
  wantedMs: 86_400_000,
  requested: by('ann'),
  granted: undefined,
  denied: undefined,
  revoked: undefined,
  ...changes,
});

const grant = (name = 'bob', expiresAtMs = nowMs + 3_600_000): ApprovalChange => ({ kind: 'granted', ...by(name), expiresAtMs });
const denial: ApprovalChange = { kind: 'denied', ...by('bob') };
const revocation: ApprovalChange = { kind: 'revoked', ...by('cem') };

/** The suite that every `ApprovalReader & ApprovalStore` has to pass. */
export function describeApprovals(name: string, start: () => ApprovalsUnderTest): void {
  describe(`${name} as a store of approvals`, () => {
    const { under, open } = keepHandles(start);
    let store: ApprovalHandle;
    beforeEach(async () => {
      store = await open();
    });

    it('gives back every step of an approval: who, when, why', async () => {
      await store.requestApproval(request('AAAAAAAAAA'));
      expect(await store.findApproval('AAAAAAAAAA')).toEqual(request('AAAAAAAAAA'));
      expect(await store.stepApproval('AAAAAAAAAA', grant())).toBe(true);
      expect(await store.stepApproval('AAAAAAAAAA', revocation)).toBe(true);
      const { kind: _granted, ...granted } = { ...by('bob'), kind: 'granted', expiresAtMs: nowMs + 3_600_000 };
      expect(await store.findApproval('AAAAAAAAAA')).toEqual(request('AAAAAAAAAA', { granted, revoked: by('cem') }));

      await store.requestApproval(request('BBBBBBBBBB', { subject: 'user', value: 'ann@example.com' }));
      expect(await store.stepApproval('BBBBBBBBBB', denial)).toBe(true);
      expect(await store.findApproval('BBBBBBBBBB')).toMatchObject({ value: 'ann@example.com', denied: by('bob') });
    });

    it.each(['BBBBBBBBBB', 'aaaaaaaaaa', '', "' OR 1=1 --", '\0', '%', '_________A', '__proto__'])(
      'knows no approval by the id %j',
      async (id) => {
        await store.requestApproval(request('AAAAAAAAAA'));
        expect(await store.findApproval(id)).toBeUndefined();
        expect(await store.stepApproval(id, grant())).toBe(false);
      },
    );

    it('lists the newest 1,000, oldest first', async () => {
      const ids = Array.from({ length: 1_002 }, (_, index) => String(index).padStart(10, '0'));
      const put = (some: readonly string[], atMs: number): Promise<unknown> =>
        Promise.all(some.map((id, index) => store.requestApproval(request(id, { requested: by('ann', atMs + index) }))));
      // The older half has lapsed by the time of the newer one: no more than 1,000 are open.
      await put(ids.slice(0, 501), nowMs - approvalOpenMsMax - 1_000);
      await put(ids.slice(501), nowMs);
      expect((await store.listApprovals()).map(({ id }) => id)).toEqual(ids.slice(2));
    });

    it('lets nobody decide but once, and nobody revoke what is not granted', async () => {
      for (const id of ['AAAAAAAAAA', 'BBBBBBBBBB']) {
        await store.requestApproval(request(id));
        expect(await store.stepApproval(id, revocation)).toBe(false);
      }
      expect(await store.stepApproval('AAAAAAAAAA', grant())).toBe(true);
      expect(await store.stepApproval('AAAAAAAAAA', grant('cem'))).toBe(false);
      expect(await store.stepApproval('AAAAAAAAAA', denial)).toBe(false);
      expect(await store.stepApproval('BBBBBBBBBB', denial)).toBe(true);
      expect(await store.stepApproval('BBBBBBBBBB', grant())).toBe(false);
      expect(await store.stepApproval('BBBBBBBBBB', revocation)).toBe(false);
      expect(await store.stepApproval('AAAAAAAAAA', revocation)).toBe(true);
      expect(await store.stepApproval('AAAAAAAAAA', revocation)).toBe(false);
      expect(await store.findApproval('AAAAAAAAAA')).toMatchObject({ granted: by('bob'), revoked: by('cem') });
    });

    it('takes one of many operators who decide at once, also on several processes', async () => {
      const other = await open();
      await store.requestApproval(request('AAAAAAAAAA'));
      const taken = await Promise.all(
        Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? store : other).stepApproval('AAAAAAAAAA', grant(`op${String(index)}`))),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect((await store.findApproval('AAAAAAAAAA'))?.granted?.by).toBe(`op${String(taken.indexOf(true))}`);
    });

    it('refuses a grant by whoever asked, whatever was judged before', async () => {
      await store.requestApproval(request('AAAAAAAAAA'));
      await expect(store.stepApproval('AAAAAAAAAA', grant('ann'))).rejects.toMatchObject({ name: 'StoreError', code: 'refused' });
      expect(await store.findApproval('AAAAAAAAAA')).toEqual(request('AAAAAAAAAA'));
      expect(await store.approvals()).toEqual([]);
    });

    it('refuses a second request of the same id and keeps the first', async () => {
      await store.requestApproval(request('AAAAAAAAAA'));
      await expect(store.requestApproval(request('AAAAAAAAAA', { model: 'larger' }))).rejects.toMatchObject({ code: 'refused' });
      expect(await store.listApprovals()).toEqual([request('AAAAAAAAAA')]);
    });

    it.each<[string, Partial<Approval>]>([
      ['a reason that moves the cursor', { requested: { ...by('ann'), reason: 'x\u001b[2J' } }],
      ['no reason', { requested: { ...by('ann'), reason: '' } }],
      ['nobody who asks', { requested: { ...by('ann'), by: '' } }],
      ['a time that is no integer', { requested: { ...by('ann'), atMs: Number.NaN } }],
      ['no model', { model: '' }],
      ['a duration that is no integer', { wantedMs: 0.5 }],
    ])('refuses to keep a request with %s', async (_name, changes) => {
      await expect(store.requestApproval(request('AAAAAAAAAA', changes))).rejects.toMatchObject({ name: 'StoreError', code: 'refused' });
      expect(await store.listApprovals()).toEqual([]);
    });

    it('keeps 1,000 open requests at most; lapsed and decided ones do not count', async () => {
      await store.requestApproval(request('lapsed0000', { requested: by('ann', nowMs - approvalOpenMsMax) }));
      await store.requestApproval(request('denied0000'));
      await store.stepApproval('denied0000', denial);
      const ids = Array.from({ length: openMax }, (_, index) => String(index).padStart(10, '0'));
      await Promise.all(ids.map((id) => store.requestApproval(request(id))));
      await expect(store.requestApproval(request('AAAAAAAAAA'))).rejects.toMatchObject({ code: 'refused' });
      await store.stepApproval('0000000000', grant());
      await store.requestApproval(request('AAAAAAAAAA'));
    });

    it('has in force what was granted, is not revoked and not over, at once for itself', async () => {
      for (const id of ['open000000', 'denied0000', 'granted000', 'revoked000', 'expired000']) {
        await store.requestApproval(request(id, { value: id }));
      }
      expect(await store.approvals()).toEqual([]);
      await store.stepApproval('denied0000', denial);
      await store.stepApproval('granted000', grant());
      await store.stepApproval('revoked000', grant());
      await store.stepApproval('revoked000', revocation);
      await store.stepApproval('expired000', grant('bob', nowMs - 1));
      expect(await store.approvals()).toEqual([{ model: 'large', subject: 'team', value: 'granted000', expiresAtMs: nowMs + 3_600_000 }]);
    });

    it('sees within 2 s what another handle granted and revoked', async () => {
      const reader = await open();
      expect(await reader.approvals()).toEqual([]);
      await store.requestApproval(request('AAAAAAAAAA'));
      await store.stepApproval('AAAAAAAAAA', grant());
      await until(async () => (await reader.approvals()).length === 1, { deadlineMs: seenWithinMs, what: 'the grant' });
      await store.stepApproval('AAAAAAAAAA', revocation);
      await until(async () => (await reader.approvals()).length === 0, { deadlineMs: seenWithinMs, what: 'the revocation' });
    });

    it('gives the same list until something changes, so that it is indexed once', async () => {
      await store.requestApproval(request('AAAAAAAAAA'));
      await store.stepApproval('AAAAAAAAAA', grant());
      const first = await store.approvals();
      expect(await store.approvals()).toBe(first);
    });

    it('never takes a store that is away for one that says yes or no', async () => {
      await store.requestApproval(request('AAAAAAAAAA'));
      await store.stepApproval('AAAAAAAAAA', grant());
      expect(await store.approvals()).toHaveLength(1);
      const bringBack = under().takeAway();
      await until(() => failed(async () => store.approvals()), { deadlineMs: 2 * seenWithinMs, what: 'the store to be away' });
      await expect(Promise.resolve().then(() => store.approvals())).rejects.toThrow(StoreError);
      await expect(store.findApproval('AAAAAAAAAA')).rejects.toThrow(StoreError);
      await expect(store.stepApproval('AAAAAAAAAA', revocation)).rejects.toThrow(StoreError);
      bringBack();
      await until(async () => !(await failed(async () => store.approvals())), {
        deadlineMs: 3 * seenWithinMs,
        what: 'the store to be back',
      });
      expect(await store.approvals()).toHaveLength(1);
    });
  });
}

async function failed(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return false;
  } catch (error) {
    if (error instanceof StoreError) {
      return true;
    }
    throw error;
  }
}
