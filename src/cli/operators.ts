import { isOperatorId, parseOperatorToken } from '../policy/operator-token.ts';
import { operatorView } from '../policy/operator-view.ts';
import { actionCommand } from './action-command.ts';
import { refusePositionals, RefusedError, UsageError } from './arguments.ts';
import { createOperatorAction } from './operators-create.ts';
import { toJson, withStore, type Action } from './run-command.ts';
import { renderTable } from './table.ts';

const listAction: Action = {
  name: 'operators list',
  usage: `Usage: sallyport operators list [--json]

Shows the tokens of operators, oldest first; never a token or a digest of one.
`,
  names: {},
  work: async (args, context) => {
    refusePositionals(args);
    const nowMs = context.now();
    const records = await withStore(context, (store) => store.listOperators());
    const views = records.map((record) => operatorView(record, nowMs));
    const rows = views.map(({ id, state, name, role, expiresAt }) => [id, state, role, expiresAt.slice(0, 10), name]);
    context.stdout(args.has('json') ? toJson(views) : renderTable(['ID', 'STATE', 'ROLE', 'EXPIRES', 'NAME'], rows));
  },
};

const revokeAction: Action = {
  name: 'operators revoke',
  usage: `Usage: sallyport operators revoke ID [--json]

Revokes the token of an operator for good: the admin API refuses it at once. In place of the id the whole token may be given.
What the operator decided stays in force; "sallyport approvals revoke" ends an approval.
`,
  names: {},
  work: async (args, context) => {
    const [text, ...more] = args.positionals;
    if (text === undefined || more.length > 0) {
      throw new UsageError('give the id of one token');
    }
    const id = isOperatorId(text) ? text : parseOperatorToken(text);
    if (id === undefined) {
      throw new UsageError('use the id of a token, 10 letters and digits: "sallyport operators list" shows them');
    }
    const revoked = await withStore(context, async (store) => {
      await store.revokeOperator(id, context.now());
      return store.findOperator(id);
    });
    if (revoked === undefined) {
      throw new RefusedError(`there is no token ${id}: "sallyport operators list" shows those there are`);
    }
    const view = operatorView(revoked, context.now());
    context.stdout(args.has('json') ? toJson(view) : `Revoked token ${id} of ${view.name} at ${view.revokedAt ?? ''}.\n`);
  },
};

/** Who may use the admin API. Works on the store itself: whoever may write that file is an administrator already. */
export const operatorsCommand = actionCommand(
  'operators',
  'create, list and revoke tokens for the admin API',
  `Usage: sallyport operators create|list|revoke [options]

  create --name NAME --role ROLE   issue a token
  list                             show the tokens there are
  revoke ID                        withdraw a token

"sallyport operators create --help" shows the options of one of them.
Exit codes: 0 done, 1 refused or not found, 2 called wrongly.
`,
  [createOperatorAction, listAction, revokeAction],
);
