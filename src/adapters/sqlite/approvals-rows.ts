import { APPROVAL_SUBJECTS, type Approval, type ApprovalStep, type StandingApproval } from '../../core/approval.ts';
import { idText, refuseUnreadable, text, time, unreadable, word, type Row } from './columns.ts';

/** Throws `StoreError`. */
export function parseApprovalRow(row: Row): Approval {
  const granted = optionalStep(row, 'granted');
  const denied = optionalStep(row, 'denied');
  const revoked = optionalStep(row, 'revoked');
  const isInOrder = granted === undefined ? revoked === undefined : denied === undefined;
  if (!isInOrder || granted?.by === row['requested_by']) {
    throw unreadable('granted_by');
  }
  return {
    id: text(row, 'id', idText),
    ...parseTarget(row),
    wantedMs: time(row, 'wanted_ms'),
    requested: step(row, 'requested'),
    granted: granted && { ...granted, expiresAtMs: time(row, 'expires_at_ms') },
    denied,
    revoked,
  };
}

/** Throws `StoreError`. */
export const parseStandingRow = (row: Row): StandingApproval => ({ ...parseTarget(row), expiresAtMs: time(row, 'expires_at_ms') });

const parseTarget = (row: Row): Pick<Approval, 'model' | 'subject' | 'value'> => ({
  model: text(row, 'model'),
  subject: word(row, 'subject', APPROVAL_SUBJECTS),
  value: text(row, 'value'),
});

type StepName = 'requested' | 'granted' | 'denied' | 'revoked';

const step = (row: Row, name: StepName): ApprovalStep => ({
  by: text(row, `${name}_by`),
  atMs: time(row, `${name}_at_ms`),
  reason: text(row, `${name}_reason`),
});

const optionalStep = (row: Row, name: StepName): ApprovalStep | undefined => (row[`${name}_by`] === null ? undefined : step(row, name));

/** A request as the columns of `insertApproval`, in order. Throws `StoreError` `refused` where it could not be read back. */
export function encodeRequest({ id, model, subject, value, wantedMs, requested }: Approval): (string | number)[] {
  const row = {
    id,
    model,
    subject,
    value,
    wanted_ms: wantedMs,
    requested_by: requested.by,
    requested_at_ms: requested.atMs,
    requested_reason: requested.reason,
  };
  const untaken = { granted_by: null, denied_by: null, revoked_by: null };
  refuseUnreadable(() => parseApprovalRow({ ...row, ...untaken }));
  return Object.values(row);
}

/** A step as the columns of its statement. Throws `StoreError` `refused` where it could not be read back. */
export function encodeStep({ by, atMs, reason }: ApprovalStep): [by: string, atMs: number, reason: string] {
  refuseUnreadable(() => step({ granted_by: by, granted_at_ms: atMs, granted_reason: reason }, 'granted'));
  return [by, atMs, reason];
}
