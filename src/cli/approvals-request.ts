import { APPROVAL_SUBJECTS, type ApprovalSubject } from '../core/approval.ts';
import { askAdmin } from './admin-client.ts';
import { approvalAnswer } from './approval-answer.ts';
import { refusePositionals, requiredText, UsageError, type Arguments } from './arguments.ts';
import { parseKeyId, parsePrintable } from './key-fields.ts';
import { readOperatorToken, tokenUsage } from './operator-credential.ts';
import { toJson, type Action } from './run-command.ts';

const durationDefault = '30d';

export const requestAction: Action = {
  name: 'approvals request',
  usage: `Usage: sallyport approvals request --model NAME TARGET --reason TEXT [--duration TIME] [--json]

Asks that somebody may use a model that needs an approval. Another operator grants or denies it.

  --model NAME         a model of the settings with "approval: required"
  --key ID             for one virtual key (or the whole key)
  --client NAME        for every key, token and certificate of an application
  --user NAME          for whomever keys and tokens name so
  --team NAME          for a team of the settings
  --reason TEXT        why; kept with the approval
  --duration TIME      how long, from the grant on: 12h or 30d, at most 90d (default: ${durationDefault})
${tokenUsage}
  --json               print the request as JSON
`,
  names: { texts: ['model', ...APPROVAL_SUBJECTS, 'reason', 'duration', 'token-file'] },
  work: async (args, context) => {
    refusePositionals(args);
    const body = {
      model: requiredText(args, 'model'),
      for: parseSubject(args),
      reason: parsePrintable('reason', requiredText(args, 'reason')),
      duration: args.text('duration') ?? durationDefault,
    };
    const token = readOperatorToken(args, context);
    const question = { method: 'POST', path: '/admin/approvals', body } as const;
    const approval = await askAdmin(await context.adminSockets(), token, question, approvalAnswer);
    context.stdout(
      args.has('json')
        ? toJson(approval)
        : `Requested approval ${approval.id}. Another operator grants it: sallyport approvals grant ${approval.id} --reason TEXT\n`,
    );
  },
};

function parseSubject(args: Arguments): { readonly kind: ApprovalSubject; readonly name: string } {
  const given = APPROVAL_SUBJECTS.flatMap((kind) => {
    const name = args.text(kind);
    return name === undefined ? [] : [{ kind, name: kind === 'key' ? parseKeyId(name) : name }];
  });
  const [subject, ...more] = given;
  if (subject === undefined || more.length > 0) {
    throw new UsageError('name exactly one of --key, --client, --user and --team');
  }
  return subject;
}
