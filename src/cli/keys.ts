import { refusePositionals, RefusedError, UsageError } from './arguments.ts';
import { EXIT, type Command } from './command.ts';
import { parseKeyId } from './key-fields.ts';
import { stateOf, viewOf } from './key-view.ts';
import { createAction } from './keys-create.ts';
import { runAction, toJson, withStore, type Action } from './run-command.ts';
import { renderTable } from './table.ts';

const listAction: Action = {
  name: 'keys list',
  usage: `Usage: sallyport keys list [--json]

Shows every virtual key, oldest first; never a key or a digest of one.
`,
  names: {},
  work: async (args, context) => {
    refusePositionals(args);
    const records = await withStore(context, (store) => store.list());
    const nowMs = context.now();
    if (args.has('json')) {
      context.stdout(toJson(records.map((record) => viewOf(record, nowMs))));
      return;
    }
    const rows = records.map((record) => {
      const view = viewOf(record, nowMs);
      return [
        view.id,
        stateOf(record, nowMs),
        view.environment,
        view.client,
        view.team ?? '-',
        view.policy ?? '-',
        view.expiresAt?.slice(0, 10) ?? 'never',
        view.name,
      ];
    });
    context.stdout(renderTable(['ID', 'STATE', 'ENV', 'CLIENT', 'TEAM', 'POLICY', 'EXPIRES', 'NAME'], rows));
  },
};

const revokeAction: Action = {
  name: 'keys revoke',
  usage: `Usage: sallyport keys revoke ID [--json]

Revokes a virtual key for good: new requests with it are refused within 5 seconds, running streams finish.
"sallyport block --key ID --abort-streams" cuts those too. In place of the id the whole key may be given.
`,
  names: {},
  work: async (args, context) => {
    const [text, ...more] = args.positionals;
    if (text === undefined || more.length > 0) {
      throw new UsageError('give the id of one key');
    }
    const id = parseKeyId(text);
    const revoked = await withStore(context, async (store) => {
      const isKnown = await store.revoke(id, context.now());
      return isKnown ? (await store.list()).find((record) => record.id === id) : undefined;
    });
    if (revoked === undefined) {
      throw new RefusedError(`there is no key ${id}: "sallyport keys list" shows those there are`);
    }
    const view = viewOf(revoked, context.now());
    context.stdout(
      args.has('json') ? toJson(view) : `Revoked key ${id} of ${view.client} at ${view.revokedAt ?? ''}; it is refused within 5 s.\n`,
    );
  },
};

const actions: ReadonlyMap<string, Action> = new Map([
  ['create', createAction],
  ['list', listAction],
  ['revoke', revokeAction],
]);

/** Virtual keys: issue, look through, withdraw. */
export const keysCommand: Command = {
  name: 'keys',
  summary: 'create, list and revoke virtual keys',
  usage: `Usage: sallyport keys create|list|revoke [options]

  create --client NAME   issue a virtual key
  list                   show the keys there are
  revoke ID              withdraw a key

"sallyport keys create --help" shows the options of one of them.
Exit codes: 0 done, 1 refused or not found, 2 called wrongly.
`,
  run: async (args, context) => {
    const [name = '', ...rest] = args;
    const action = actions.get(name);
    if (action !== undefined) {
      return runAction(action, rest, context);
    }
    if (name === '--help') {
      context.stdout(keysCommand.usage);
      return EXIT.done;
    }
    context.stderr(`sallyport keys: say create, list or revoke\n\n${keysCommand.usage}`);
    return EXIT.usage;
  },
};
