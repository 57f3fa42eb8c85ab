import type { CommandContext, DeclaredNames } from './command.ts';
import type { KeyRecord } from '../ports/key-store.ts';
import { composeVirtualKey, digestKey, isKeyEnvironment } from '../policy/virtual-key.ts';
import { RefusedError, refusePositionals, requiredText, UsageError, type Arguments } from './arguments.ts';
import { parseDeclared, parseExpiry, parseLabel, parseModels, parseNetworks, parseOperations, parsePrintable } from './key-fields.ts';
import { viewOf } from './key-view.ts';
import { toJson, withStore, type Action } from './run-command.ts';

const expiresDefault = '90d';

const usage = `Usage: sallyport keys create --client NAME [options]

Creates a virtual key and prints it once, on stdout and nowhere else. Only a digest of it is kept.

  --client NAME        the application that gets the key: policies and "block --client" name it
  --name TEXT          a note for people (default: the client's name)
  --env NAME           the middle of vk_NAME_...: 1 to 12 of a-z and 0-9 (default: live)
  --team NAME          a team of the settings
  --tier NAME          a tier of the settings
  --user NAME          the person behind the key
  --policy NAME        a policy of the settings, for this key alone
  --models LIST        narrow it to these models: a,b or prefix*
  --operations LIST    narrow it to these operations: chat,embeddings
  --networks LIST      narrow it to these networks: 10.0.0.0/8,192.0.2.7
  --expires WHEN       90d, 12h, 2027-01-31 (its first moment, UTC) or never (default: ${expiresDefault})
  --json               print the key with its record as JSON
  --help               print this text
`;

export const createAction: Action = {
  name: 'keys create',
  usage,
  names: { texts: ['client', 'name', 'env', 'team', 'tier', 'user', 'policy', 'models', 'operations', 'networks', 'expires'] },
  work: async (args, context) => {
    refusePositionals(args);
    const described = describeKey(args, await declaredFor(args, context), context.now());
    const pepper = await context.pepper();
    if (pepper.empty) {
      throw new RefusedError('the pepper is empty: store a random value of 32 bytes or more where identity.virtualKeys.pepper points');
    }
    const composed = composeVirtualKey(described.environment, context.randomBytes);
    const record: KeyRecord = { ...described, id: composed.id, digests: [digestKey(pepper.reveal(), composed.key)] };
    await withStore(context, (store) => store.create(record));
    const view = viewOf(record, context.now());
    if (args.has('json')) {
      context.stdout(toJson({ key: composed.key, ...view }));
    } else {
      context.stdout(`${composed.key}\n`);
      context.stderr(`Created key ${record.id} for ${record.client}; it expires ${view.expiresAt ?? 'never'}.\n`);
    }
    context.stderr('Keep the key now: it is not stored and cannot be shown again.\n');
  },
};

const nothingDeclared: DeclaredNames = {
  policies: new Map(),
  teams: new Map(),
  clients: new Map(),
  tiers: new Map(),
  models: new Map(),
  identity: { issuers: [], principals: undefined },
};

/** The settings are read only where an option names something in them. */
async function declaredFor(args: Arguments, context: CommandContext): Promise<DeclaredNames> {
  const needsSettings = ['team', 'tier', 'policy', 'models'].some((name) => args.has(name));
  return needsSettings ? context.settings() : nothingDeclared;
}

/** Everything about the key but its id and digest. Throws `UsageError`. */
function describeKey(args: Arguments, declared: DeclaredNames, nowMs: number): Omit<KeyRecord, 'id' | 'digests'> {
  const optional = <Value>(name: string, parse: (text: string) => Value): Value | undefined => {
    const text = args.text(name);
    return text === undefined ? undefined : parse(text);
  };
  const client = parseLabel('client', requiredText(args, 'client'));
  return {
    environment: parseEnvironment(args.text('env') ?? 'live'),
    name: optional('name', (text) => parsePrintable('name', text)) ?? client,
    client,
    team: optional('team', (text) => parseDeclared('team', text, declared.teams)),
    tier: optional('tier', (text) => parseDeclared('tier', text, declared.tiers)),
    user: optional('user', (text) => parseLabel('user', text)),
    policy: optional('policy', (text) => parseDeclared('policy', text, declared.policies)),
    models: optional('models', (text) => parseModels(text, declared.models)),
    operations: optional('operations', parseOperations),
    networks: optional('networks', parseNetworks),
    createdAtMs: nowMs,
    expiresAtMs: parseExpiry(args.text('expires') ?? expiresDefault, nowMs),
    revokedAtMs: undefined,
  };
}

function parseEnvironment(text: string): string {
  if (!isKeyEnvironment(text)) {
    throw new UsageError('--env: use 1 to 12 characters of a-z and 0-9, such as live or test');
  }
  return text;
}
