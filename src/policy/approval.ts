import { APPROVAL_SUBJECTS, approvalOpenMsMax, type Approval, type ApprovalSubject, type StandingApproval } from '../core/approval.ts';
import { deny, next, type Outcome } from '../core/outcome.ts';

/** Where an approval stands. Only one in force opens anything. */
export type ApprovalState = 'requested' | 'lapsed' | 'in_force' | 'expired' | 'denied' | 'revoked';

export function approvalStateAt({ requested, granted, denied, revoked }: Approval, nowMs: number): ApprovalState {
  if (revoked !== undefined) {
    return 'revoked';
  }
  if (denied !== undefined) {
    return 'denied';
  }
  if (granted !== undefined) {
    return nowMs < granted.expiresAtMs ? 'in_force' : 'expired';
  }
  return nowMs < requested.atMs + approvalOpenMsMax ? 'requested' : 'lapsed';
}

/** Per model and subject: until when, by name. A request does look-ups only, however many approvals there are. */
export type ApprovalTable = ReadonlyMap<string, Readonly<Record<ApprovalSubject, ReadonlyMap<string, number>>>>;

export function indexApprovals(standing: readonly StandingApproval[]): ApprovalTable {
  const table = new Map<string, ReturnType<typeof openEntry>>();
  for (const { model, subject, value, expiresAtMs } of standing) {
    const ofModel = table.get(model) ?? openEntry();
    table.set(model, ofModel);
    ofModel[subject].set(value, Math.max(expiresAtMs, ofModel[subject].get(value) ?? 0));
  }
  return table;
}

const openEntry = (): Readonly<Record<ApprovalSubject, Map<string, number>>> => ({
  key: new Map(),
  client: new Map(),
  user: new Map(),
  team: new Map(),
});

/** What an approval can be for; undefined where the caller has none. A client of a team's list may have two teams. */
export interface ApprovalHolder {
  readonly key: string | undefined;
  readonly client: string;
  readonly user: string | undefined;
  readonly team: string | undefined;
  readonly teamOfClient: string | undefined;
}

/** Does an approval that is in force at `nowMs` cover this caller's use of a model that needs one? */
export function judgeApproval(table: ApprovalTable, holder: ApprovalHolder, model: string, nowMs: number): Outcome<null> {
  const ofModel = table.get(model);
  const names: Readonly<Record<ApprovalSubject, readonly (string | undefined)[]>> = {
    key: [holder.key],
    client: [holder.client],
    user: [holder.user],
    team: [holder.team, holder.teamOfClient],
  };
  const covered = APPROVAL_SUBJECTS.some((subject) =>
    names[subject].some((name) => name !== undefined && nowMs < (ofModel?.[subject].get(name) ?? 0)),
  );
  return covered ? next(null) : deny('approval_required', model);
}
