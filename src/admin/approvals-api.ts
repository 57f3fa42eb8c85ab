import { z } from 'zod';
import { APPROVAL_SUBJECTS, isApprovalId, type Approval, type ApprovalChange, type ApprovalStep } from '../core/approval.ts';
import type { Ruling } from '../core/ruling.ts';
import { parseDurationMs } from '../core/units.ts';
import { isApprovalDuration, judgeDenial, judgeGrant, judgeRevocation, type StepRefusal } from '../policy/approval-steps.ts';
import { randomBase62 } from '../policy/base62.ts';
import { created, json, refuse, type AdminAnswer, type AdminRefusal } from './admin-answer.ts';
import { parseBody } from './admin-body.ts';
import type { AdminCall, AdminHandler, AdminSource } from './admin-source.ts';
import { approvalView } from './approval-view.ts';

const idLength = 10;

/** For people: whatever can be shown without moving the cursor of a terminal. */
const reason = z.string().regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,256}$/u, 'use 1 to 256 printable characters on one line');
/** Whatever a credential can name. */
const holder = z
  .string()
  .regex(/^[A-Za-z0-9._:@/|+=-]{1,255}$/, 'use the name as keys and tokens have it: letters, digits and . _ : @ / | + = -');
const duration = z.string().transform((text, context) => {
  const ms = parseDurationMs(text);
  if (ms === undefined || !isApprovalDuration(ms)) {
    context.addIssue({ code: 'custom', message: 'use a time such as 12h or 30d, from 1m to 90d' });
    return z.NEVER;
  }
  return ms;
});

const requestShape = z.strictObject({
  model: z.string().max(128),
  for: z.strictObject({ kind: z.enum(APPROVAL_SUBJECTS), name: holder }),
  reason,
  duration,
});
const grantShape = z.strictObject({ reason, duration: duration.optional() });
const stepShape = z.strictObject({ reason });

export const listApprovals: AdminHandler = async (source, { nowMs }) => {
  const approvals = await source.store.listApprovals();
  return json({ approvals: approvals.map((approval) => approvalView(approval, nowMs)) });
};

export const requestApproval: AdminHandler = async (source, { operator, body, nowMs }) => {
  const parsed = parseBody(requestShape, body);
  if (parsed.kind === 'refused') {
    return parsed;
  }
  const { model, for: subject, reason: why, duration: wantedMs } = parsed.value;
  const unknown = refuseUnknown(source, model, subject);
  if (unknown !== undefined) {
    return unknown;
  }
  const approval: Approval = {
    id: randomBase62(idLength, source.randomBytes),
    model,
    subject: subject.kind,
    value: subject.name,
    wantedMs,
    requested: { by: operator.name, atMs: nowMs, reason: why },
    granted: undefined,
    denied: undefined,
    revoked: undefined,
  };
  await source.store.requestApproval(approval);
  return created(approvalView(approval, nowMs));
};

/** A misspelt name would be approved, and help nobody. */
function refuseUnknown(source: AdminSource, model: string, subject: z.output<typeof requestShape>['for']): AdminRefusal | undefined {
  const { models, teams } = source.settings();
  const declared = models.get(model);
  if (declared === undefined) {
    return refuse('model_unknown', `Declared: ${[...models.keys()].join(', ')}.`);
  }
  if (!declared.needsApproval) {
    return refuse('approval_not_needed');
  }
  if (subject.kind === 'team' && !teams.has(subject.name)) {
    return refuse('team_unknown', `Declared: ${[...teams.keys()].join(', ')}.`);
  }
  return subject.kind === 'key' && !isApprovalId(subject.name)
    ? refuse('field_invalid', '"for.name": use the id of a key, 10 letters and digits: "sallyport keys list" shows them')
    : undefined;
}

export const grantApproval: AdminHandler = async (source, call) => {
  const parsed = parseBody(grantShape, call.body);
  return parsed.kind === 'refused'
    ? parsed
    : takeStep(source, call, parsed.value.reason, (approval, step) => judgeGrant(approval, step, parsed.value.duration));
};

export const denyApproval: AdminHandler = async (source, call) => {
  const parsed = parseBody(stepShape, call.body);
  return parsed.kind === 'refused' ? parsed : takeStep(source, call, parsed.value.reason, judgeDenial);
};

export const revokeApproval: AdminHandler = async (source, call) => {
  const parsed = parseBody(stepShape, call.body);
  return parsed.kind === 'refused' ? parsed : takeStep(source, call, parsed.value.reason, judgeRevocation);
};

/** Judges the step by what the store says now, and takes it unless somebody else took one in between. */
async function takeStep(
  source: AdminSource,
  { id, operator, nowMs }: AdminCall,
  why: string,
  judge: (approval: Approval, step: ApprovalStep) => Ruling<ApprovalChange, StepRefusal>,
): Promise<AdminAnswer> {
  const approval = await source.store.findApproval(id);
  if (approval === undefined) {
    return refuse('approval_unknown');
  }
  const ruling = judge(approval, { by: operator.name, atMs: nowMs, reason: why });
  if (ruling.kind === 'refused') {
    return refuse(ruling.code);
  }
  if (!(await source.store.stepApproval(id, ruling.found))) {
    return refuse(ruling.found.kind === 'revoked' ? 'not_in_force' : 'not_open');
  }
  const { kind, ...step } = ruling.found;
  return json(approvalView({ ...approval, [kind]: step }, nowMs));
}
