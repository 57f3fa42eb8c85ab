import { normaliseAddress } from '../core/address.ts';
import type { Caller } from '../core/caller.ts';
import { SettingsError } from '../config/problem.ts';
import { refusePositionals, RefusedError, requiredText, UsageError, type Arguments } from './arguments.ts';
import type { Command, CommandContext } from './command.ts';
import { explainRequest, type Explanation } from './explain/explain-request.ts';
import { readBody } from './explain/read-body.ts';
import { renderText } from './explain/render-text.ts';
import type { ExplainSettings } from './explain/settings.ts';
import { parseLabel, parsePrintable } from './key-fields.ts';
import { runAction, toJson, type Action } from './run-command.ts';

const pathDefault = '/v1/chat/completions';
const keyBytes = 32;
/** No settings can declare these: parentheses are in no name. */
const anyClient = '(any)';
const anyKey = '(its own)';

const usage = `Usage: sallyport explain [CALLER] [--path PATH] --body FILE|- [--show] [--json] [--config FILE]

Takes the body of a request and says, step by step, what this gateway would do with it and why: policies, model and targets, what is
masked where, guards, signals of injection, limits. Asks nobody: no network, no store. The values that are found are not printed.

  --client NAME    the application
  --team NAME      of the key or the token
  --tier NAME      of the key or the token
  --policy NAME    of the key
  --user NAME      the application's user
  --address IP     where the request comes from; without it networks are only listed, and limits of addresses left out
  --path PATH      the endpoint (default: ${pathDefault})
  --body FILE|-    the body: a file, or standard input
  --show           print the body as the provider would get it, where it would be released; what is not masked is in it
  --json           print the explanation as JSON

The caller is taken to have a virtual key of its own, which narrows nothing beside its policy, and every target to be live.
Exit code 0: it would be released; 1: it would be refused, and the code is named; 2: called wrongly, or something could not be read.
`;

export interface ExplainNeeds {
  /** The settings as decisions read them. Throws `SettingsError`. */
  readonly settings: () => ExplainSettings;
  readonly stdin: () => AsyncIterable<Uint8Array>;
}

const explainAction = (needs: ExplainNeeds): Action => ({
  name: 'explain',
  usage,
  names: { texts: ['client', 'team', 'tier', 'policy', 'user', 'address', 'path', 'body'], flags: ['show'] },
  work: async (args, context) => {
    refusePositionals(args);
    const file = requiredText(args, 'body');
    const caller = callerOf(args);
    const keyPolicy = labelOf(args, 'policy');
    const path = args.text('path') ?? pathDefault;
    const settings = settingsOf(needs);
    const bytes = await readBody(file, needs.stdin, settings.bodyBytesMax);
    const question = { caller, keyPolicy, path, bytes, key: context.randomBytes(keyBytes) };
    print(args, context, explainRequest(settings, question));
  },
});

const labelOf = (args: Arguments, name: string): string | undefined => {
  const text = args.text(name);
  return text === undefined ? undefined : parseLabel(name, text);
};

function callerOf(args: Arguments): Caller {
  const [user, address] = [args.text('user'), args.text('address')];
  return {
    kind: 'key',
    key: anyKey,
    client: labelOf(args, 'client') ?? anyClient,
    user: user === undefined ? undefined : parsePrintable('user', user),
    team: labelOf(args, 'team'),
    tier: labelOf(args, 'tier'),
    issuer: undefined,
    jti: undefined,
    expiresAtMs: undefined,
    address: address === undefined ? undefined : parseAddress(address),
  };
}

function parseAddress(text: string): string {
  const address = normaliseAddress(text);
  if (address === undefined) {
    throw new UsageError('--address: use an IP address such as 192.0.2.7');
  }
  return address;
}

/** Not exit code 1, which says something about the request. */
function settingsOf({ settings }: ExplainNeeds): ExplainSettings {
  try {
    return settings();
  } catch (error) {
    if (error instanceof SettingsError) {
      throw new UsageError(error.message);
    }
    throw error;
  }
}

function print(args: Arguments, context: CommandContext, { body, ...explanation }: Explanation): void {
  const shown: Explanation = args.has('show') && body !== undefined ? { ...explanation, body: showable(body) } : explanation;
  const [first] = shown.refusals;
  const json = { verdict: first === undefined ? 'released' : 'refused', code: first?.code, ...shown };
  context.stdout(args.has('json') ? toJson(json) : renderText(shown));
  if (first !== undefined) {
    throw new RefusedError(`would be refused: ${first.code}`);
  }
}

/** JSON that says the same, without the control characters that JSON allows and terminals obey. */
const showable = (json: string): string =>
  json.replaceAll(/[\u{7f}-\u{9f}]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Replays one request on paper. */
export const explainCommand = (needs: ExplainNeeds): Command => ({
  name: 'explain',
  summary: 'say what would be done with a request, and why, without sending it',
  usage,
  run: (args, context) => runAction(explainAction(needs), args, context),
});
