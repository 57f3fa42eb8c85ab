import { isApprovalId } from '../core/approval.ts';
import { actionCommand } from './action-command.ts';
import { askAdmin } from './admin-client.ts';
import { APPROVAL_STATES, approvalAnswer, approvalsAnswer, lastStepOf, type ApprovalAnswer } from './approval-answer.ts';
import { requestAction } from './approvals-request.ts';
import { refusePositionals, requiredText, UsageError, type Arguments } from './arguments.ts';
import { parsePrintable } from './key-fields.ts';
import { readOperatorToken, tokenUsage } from './operator-credential.ts';
import { toJson, type Action } from './run-command.ts';
import { renderTable } from './table.ts';

const listAction: Action = {
  name: 'approvals list',
  usage: `Usage: sallyport approvals list [--state STATE] [--json]

Shows the newest 1,000 approvals, oldest first, with every step: who, when and why (all of it with --json).

  --state STATE        only those: ${APPROVAL_STATES.join(', ')}
${tokenUsage}
`,
  names: { texts: ['state', 'token-file'] },
  work: async (args, context) => {
    refusePositionals(args);
    const state = APPROVAL_STATES.find((each) => each === args.text('state'));
    if (args.has('state') && state === undefined) {
      throw new UsageError(`--state: use one of ${APPROVAL_STATES.join(', ')}`);
    }
    const token = readOperatorToken(args, context);
    const question = { method: 'GET', path: '/admin/approvals' } as const;
    const { approvals } = await askAdmin(await context.adminSockets(), token, question, approvalsAnswer);
    const shown = approvals.filter((approval) => state === undefined || approval.state === state);
    context.stdout(args.has('json') ? toJson(shown) : tableOf(shown));
  },
};

const tableOf = (approvals: readonly ApprovalAnswer[]): string =>
  renderTable(
    ['ID', 'STATE', 'MODEL', 'FOR', 'UNTIL', 'REQUESTED BY', 'LAST STEP BY', 'REASON'],
    approvals.map((approval) => [
      approval.id,
      approval.state,
      approval.model,
      `${approval.for.kind} ${approval.for.name}`,
      approval.granted?.expiresAt.slice(0, 16) ?? '-',
      approval.requested.by,
      lastStepOf(approval).by,
      lastStepOf(approval).reason,
    ]),
  );

/** What grant, deny and revoke have in common: one approval, a reason, and who says so. */
function stepAction(word: 'grant' | 'deny' | 'revoke', about: string, options: string, done: (approval: ApprovalAnswer) => string): Action {
  const takesDuration = word === 'grant';
  return {
    name: `approvals ${word}`,
    usage: `Usage: sallyport approvals ${word} ID --reason TEXT ${takesDuration ? '[--duration TIME] ' : ''}[--json]

${about}

  --reason TEXT        why; kept with the approval
${options}${tokenUsage}
  --json               print the approval as JSON
`,
    names: { texts: ['reason', 'token-file', ...(takesDuration ? ['duration'] : [])] },
    work: async (args, context) => {
      const id = parseApprovalId(args);
      const reason = parsePrintable('reason', requiredText(args, 'reason'));
      const duration = takesDuration ? args.text('duration') : undefined;
      const token = readOperatorToken(args, context);
      const question = {
        method: 'POST',
        path: `/admin/approvals/${id}/${word}`,
        body: { reason, ...(duration === undefined ? {} : { duration }) },
      } as const;
      const approval = await askAdmin(await context.adminSockets(), token, question, approvalAnswer);
      context.stdout(args.has('json') ? toJson(approval) : done(approval));
    },
  };
}

function parseApprovalId(args: Arguments): string {
  const [text, ...more] = args.positionals;
  if (text === undefined || more.length > 0 || !isApprovalId(text)) {
    throw new UsageError('give the id of one approval, 10 letters and digits: "sallyport approvals list" shows them');
  }
  return text;
}

const subjectOf = (approval: ApprovalAnswer): string => `${approval.for.kind} ${approval.for.name}`;

const grantAction = stepAction(
  'grant',
  'Grants a request of another operator, for as long as was asked or for --duration. In force within 5 seconds.',
  '  --duration TIME      how long instead: 12h or 30d, at most 90d\n',
  (approval) =>
    `Granted ${approval.id}: ${subjectOf(approval)} may use ${approval.model} until ${approval.granted?.expiresAt ?? ''}, within 5 s.\n`,
);

const denyAction = stepAction('deny', 'Turns a request down. Your own may be one of them.', '', (approval) => `Denied ${approval.id}.\n`);

const revokeAction = stepAction(
  'revoke',
  'Ends an approval that is in force: new requests are refused within 5 seconds, running streams finish.',
  '',
  (approval) => `Revoked ${approval.id}: ${subjectOf(approval)} is refused ${approval.model} within 5 s.\n`,
);

/** Approvals of high-cost models, through the admin API, so that every step is an operator's. */
export const approvalsCommand = actionCommand(
  'approvals',
  'ask for, grant, deny and revoke the use of models that need an approval',
  `Usage: sallyport approvals request|list|grant|deny|revoke [options]

  request --model NAME TARGET --reason TEXT   ask that somebody may use a model
  list                                        show what was asked and decided
  grant ID --reason TEXT                      grant what another operator asked for
  deny ID --reason TEXT                       turn a request down
  revoke ID --reason TEXT                     end an approval

"sallyport approvals request --help" shows the options of one of them.
Exit codes: 0 done, 1 refused or not found, 2 called wrongly.
`,
  [requestAction, listAction, grantAction, denyAction, revokeAction],
);
