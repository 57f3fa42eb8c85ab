import { isOperatorName, isOperatorRole, OPERATOR_ROLES, type OperatorRecord } from '../core/operator.ts';
import { composeOperatorToken } from '../policy/operator-token.ts';
import { operatorView } from '../policy/operator-view.ts';
import { digestKey } from '../policy/virtual-key.ts';
import { RefusedError, refusePositionals, requiredText, UsageError, type Arguments } from './arguments.ts';
import { parseExpiry } from './key-fields.ts';
import { toJson, withStore, type Action } from './run-command.ts';

const expiresDefault = '90d';
const dayMs = 86_400_000;
const lifetimeMsMax = 366 * dayMs;

export const createOperatorAction: Action = {
  name: 'operators create',
  usage: `Usage: sallyport operators create --name NAME --role ROLE [--expires WHEN] [--json]

Creates a token of an operator for the admin API and prints it once, on stdout and nowhere else. Only a digest of it is kept.

  --name NAME     the person, in lower case: every call is attributed to it. One person keeps one name, with a new token as well
  --role ROLE     viewer (reads usage, asks for approvals), approver (also decides about them) or admin (also sees and revokes operators)
  --expires WHEN  90d, 12h or 2027-01-31 (its first moment, UTC); a year at most (default: ${expiresDefault})
  --json          print the token with its record as JSON
`,
  names: { texts: ['name', 'role', 'expires'] },
  work: async (args, context) => {
    refusePositionals(args);
    const described = describeOperator(args, context.now());
    const pepper = await context.pepper();
    if (pepper.empty) {
      throw new RefusedError('the pepper is empty: store a random value of 32 bytes or more where identity.virtualKeys.pepper points');
    }
    const { id, token } = composeOperatorToken(context.randomBytes);
    const record: OperatorRecord = { ...described, id, digest: digestKey(pepper.reveal(), token) };
    await withStore(context, (store) => store.createOperator(record));
    const view = operatorView(record, context.now());
    if (args.has('json')) {
      context.stdout(toJson({ token, ...view }));
    } else {
      context.stdout(`${token}\n`);
      context.stderr(`Created token ${id} of ${record.name}, ${record.role}; it expires ${view.expiresAt}.\n`);
    }
    context.stderr('Keep the token now: it is not stored and cannot be shown again.\n');
  },
};

/** Everything about the token but its id and digest. Throws `UsageError`. */
function describeOperator(args: Arguments, nowMs: number): Omit<OperatorRecord, 'id' | 'digest'> {
  const name = requiredText(args, 'name');
  if (!isOperatorName(name)) {
    throw new UsageError('--name: use lower-case letters, digits and . _ @ - (64 at most, the first a letter or digit)');
  }
  const role = requiredText(args, 'role');
  if (!isOperatorRole(role)) {
    throw new UsageError(`--role: use one of ${OPERATOR_ROLES.join(', ')}`);
  }
  const expiresAtMs = parseExpiry(args.text('expires') ?? expiresDefault, nowMs);
  if (expiresAtMs === undefined || expiresAtMs - nowMs > lifetimeMsMax) {
    throw new UsageError('--expires: the token of an operator ends within a year; make a new one then');
  }
  return { name, role, createdAtMs: nowMs, expiresAtMs, revokedAtMs: undefined };
}
