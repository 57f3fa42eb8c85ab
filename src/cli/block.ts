import type { Block, BlockKind } from '../ports/key-store.ts';
import { refusePositionals, RefusedError, requiredText, UsageError, type Arguments } from './arguments.ts';
import type { AdminStore, Command, CommandContext, DeclaredNames } from './command.ts';
import { parseClientName, parseKeyId, parsePrintable } from './key-fields.ts';
import { runAction, toJson, withStandingStore, type Action } from './run-command.ts';
import { renderTable } from './table.ts';

interface Target {
  readonly kind: BlockKind;
  readonly value: string;
}

/** The longest issuer of the settings; a token's id is shorter. */
const charactersMax = 512;

/**
 * Whatever a caller can be admitted by must be something that can be blocked. Issuers are URLs and token ids are anything: taken as they
 * are, as long as they can be shown.
 */
const targetParsers: readonly (readonly [Exclude<BlockKind, 'all'>, (text: string) => string])[] = [
  ['key', parseKeyId],
  ['client', (text) => parseClientName('client', text)],
  ['issuer', (text) => parsePrintable('issuer', text, charactersMax)],
  ['jti', (text) => parsePrintable('jti', text, charactersMax)],
];

const targetNames = targetParsers.map(([kind]) => kind);

const targetUsage = `  --key ID             one virtual key (or the whole key)
  --client NAME        every key, token and certificate of an application
  --issuer URL         every token of an issuer
  --jti ID             one token, by its id
  --all                everyone`;

function parseTarget(args: Arguments): Target {
  const targets: Target[] = args.has('all') ? [{ kind: 'all', value: '' }] : [];
  for (const [kind, parse] of targetParsers) {
    const text = args.text(kind);
    if (text !== undefined) {
      targets.push({ kind, value: parse(text) });
    }
  }
  const [target, ...more] = targets;
  if (target === undefined || more.length > 0) {
    throw new UsageError('name exactly one of --key, --client, --issuer, --jti and --all');
  }
  return target;
}

const describe = ({ kind, value }: Target): string => (kind === 'all' ? 'everyone' : `${kind} ${value}`);

const viewOf = (block: Block) => ({
  kind: block.kind,
  value: block.value,
  reason: block.reason,
  at: new Date(block.atMs).toISOString(),
  abortStreams: block.abortStreams,
});

/** A misspelt key id would leave the key in use while the operator believes it blocked. */
async function refuseUnknownKey(store: AdminStore, target: Target): Promise<void> {
  if (target.kind === 'key' && !(await store.list()).some((record) => record.id === target.value)) {
    throw new RefusedError(`there is no key ${target.value}, so nothing was blocked: "sallyport keys list" shows those there are`);
  }
}

/** Issuers are compared to the letter: one with a slash too many would be blocked, and the one that is meant would not. */
async function refuseUnknownIssuer(context: CommandContext, { kind, value }: Target): Promise<void> {
  if (kind !== 'issuer') {
    return;
  }
  const { identity } = await context.settings();
  const issuers = identity.issuers.map(({ issuer }) => issuer);
  if (!issuers.includes(value)) {
    const declared = issuers.length === 0 ? 'none' : issuers.join(', ');
    throw new RefusedError(`the settings declare no issuer ${value}, so nothing was blocked; declared: ${declared}`);
  }
}

/** Clients of tokens are known to their issuers alone: a name that stands nowhere may still be right. */
const isDeclared = ({ clients, teams, identity }: DeclaredNames, name: string): boolean =>
  clients.has(name) ||
  [...teams.values()].some((team) => team.clients.includes(name)) ||
  [...(identity.principals?.values() ?? [])].includes(name);

const blockAction: Action = {
  name: 'block',
  usage: `Usage: sallyport block TARGET --reason TEXT [--abort-streams] [--json]
       sallyport block --list [--json]

The kill switch: whom it names is refused within 5 seconds, until "sallyport unblock".

${targetUsage}

  --reason TEXT        why; shown by --list, never to callers
  --abort-streams      cut running streams too; otherwise they finish
  --list               show the blocks in force
  --json               print the result as JSON
`,
  names: { texts: [...targetNames, 'reason'], flags: ['all', 'list', 'abort-streams'] },
  work: async (args, context) => {
    refusePositionals(args);
    if (args.has('list')) {
      refuseBeside(args);
      const blocks = (await withStandingStore(context, (store) => store.listBlocks())).map(viewOf);
      context.stdout(args.has('json') ? toJson(blocks) : tableOf(blocks));
      return;
    }
    const target = parseTarget(args);
    const reason = parsePrintable('reason', requiredText(args, 'reason'));
    const block: Block = { ...target, reason, atMs: context.now(), abortStreams: args.has('abort-streams') };
    await refuseUnknownIssuer(context, target);
    const isNamed = await withStandingStore(context, async (store) => {
      await refuseUnknownKey(store, target);
      await store.block(block);
      return target.kind !== 'client' || (await store.list()).some(({ client }) => client === target.value);
    });
    const streams = block.abortStreams ? 'running streams are cut' : 'running streams finish';
    context.stdout(args.has('json') ? toJson(viewOf(block)) : `Blocked ${describe(target)}: in force within 5 s; ${streams}.\n`);
    if (!isNamed && !isDeclared(await context.settings(), target.value)) {
      context.stderr(
        `No key and no setting names the client ${target.value}: if only tokens do, this is right; else see "sallyport keys list".\n`,
      );
    }
  },
};

function refuseBeside(args: Arguments): void {
  const beside = [...targetNames, 'reason', 'all', 'abort-streams'].find((name) => args.has(name));
  if (beside !== undefined) {
    throw new UsageError(`--list shows all blocks: leave out --${beside}`);
  }
}

const tableOf = (blocks: readonly ReturnType<typeof viewOf>[]): string =>
  renderTable(
    ['KIND', 'VALUE', 'SINCE', 'STREAMS', 'REASON'],
    blocks.map((block) => [
      block.kind,
      block.value === '' ? '-' : block.value,
      block.at,
      block.abortStreams ? 'cut' : 'finish',
      block.reason,
    ]),
  );

const unblockAction: Action = {
  name: 'unblock',
  usage: `Usage: sallyport unblock TARGET [--json]

Lifts one block, exactly the one that "sallyport block" set with the same target.

${targetUsage}
`,
  names: { texts: targetNames, flags: ['all'] },
  work: async (args, context) => {
    refusePositionals(args);
    const target = parseTarget(args);
    const isLifted = await withStandingStore(context, (store) => store.unblock(target.kind, target.value));
    if (!isLifted) {
      throw new RefusedError(`there is no block of ${describe(target)}: "sallyport block --list" shows those there are`);
    }
    context.stdout(args.has('json') ? toJson(target) : `Lifted the block of ${describe(target)}: in force within 5 s.\n`);
  },
};

const toCommand = (action: Action, summary: string): Command => ({
  name: action.name,
  summary,
  usage: action.usage,
  run: (args, context) => runAction(action, args, context),
});

export const blockCommand = toCommand(blockAction, 'refuse a key, client, issuer, token or everyone, at once');
export const unblockCommand = toCommand(unblockAction, 'lift a block');
