import { Buffer } from 'node:buffer';
import type { Endpoint } from '../../core/operation.ts';
import { deny, next } from '../../core/outcome.ts';
import type { Denied, Outcome } from '../../core/outcome.ts';
import { afterSpace, asBuffer } from '../json/cursor.ts';
import { DEFAULT_SCAN_LIMITS, describeRefusal } from '../json/document.ts';
import type { Member, ScanLimits } from '../json/document.ts';
import { readInteger, readString } from '../json/read.ts';
import { scanDocument } from '../json/scan.ts';
import { readCaps, statedTokens } from './caps.ts';
import type { StatedCap } from './caps.ts';
import { FIELDS } from './fields.ts';
import type { BodyOperation, OperationFields } from './fields.ts';
import { foldName, forbiddenBy } from './forbidden-fields.ts';
import { addedTokensMax, textTokensMax } from './input-bound.ts';
import { countElements } from './shape.ts';
import { judgeTools } from './tools.ts';
import type { JudgedTools } from './tools.ts';
import { listUnbounded } from './list-unbounded.ts';
import type { Unbounded } from './unbounded.ts';
import { readUsageRequest } from './usage-request.ts';
import type { UsageRequest } from './usage-request.ts';

export interface BodyLimits extends ScanLimits {
  /** UTF-8 bytes of a model's name. */
  readonly modelBytesMax: number;
}

export const DEFAULT_BODY_LIMITS: BodyLimits = { ...DEFAULT_SCAN_LIMITS, modelBytesMax: 256 };

/** What decisions need to know of a body. Plain data, so that it can come from another thread. */
export interface JudgedBody {
  readonly model: string;
  /** Where the JSON literal of the model's name lies, quotes included; `modelEnd` is the first byte after it. */
  readonly modelStart: number;
  readonly modelEnd: number;
  readonly stream: boolean;
  /** The cap on output tokens of each choice that the request states; undefined where it states none. */
  readonly maxOutputTokens: number | undefined;
  /** How many answers the provider may generate (and bill) for this request: prompts times choices. */
  readonly choices: number;
  readonly operation: BodyOperation;
  /** The first byte behind the opening brace: where members are put in. */
  readonly membersStart: number;
  readonly caps: readonly StatedCap[];
  readonly usageRequest: UsageRequest;
  /** A completion that repeats its prompt, which is then no output. */
  readonly echoes: boolean;
  /** Tokens that the bytes of the request can be at most, and those that the provider may add. */
  readonly textTokensMax: number;
  readonly addedTokensMax: number;
  /** What the figures above do not cover; empty where they bound the input, and where nothing is billed. */
  readonly unbounded: readonly Unbounded[];
  /** As asked for, which decides the price: OpenAI's and Anthropic's tier, Anthropic's speed and place. */
  readonly serviceTier: string | undefined;
  readonly speed: string | undefined;
  readonly inferenceGeo: string | undefined;
}

type Fields = ReadonlyMap<string, Member>;

const nameBytesMax = 66;

// An escape takes at most six bytes for one byte of text, and quotes take two.
const literalBytesMax = (textBytesMax: number): number => textBytesMax * 6 + 2;

const fieldInvalid = (field: string, expected: string): Denied => deny('field_invalid', field, `"${field}" must be ${expected}.`);

/** A name without a shape: one that another parser would take for one of ours, or that is not ours to send on. */
function judgeName(member: Member, { shapes }: OperationFields): Denied | undefined {
  const folded = foldName(member.key);
  const rule = forbiddenBy(folded);
  if (rule !== undefined) {
    return deny('field_forbidden', rule, `The field is "${rule}".`);
  }
  if (shapes.has(folded)) {
    const where = `member name at byte ${String(member.keyStart)}`;
    return deny('body_invalid', 'folded name', `Reason: ${where}. Write "${folded}" exactly so, some providers ignore letter case.`);
  }
  return undefined;
}

function judgeMember(bytes: Uint8Array, member: Member, fields: OperationFields): Denied | undefined {
  const shape = fields.shapes.get(member.key);
  if (shape === undefined) {
    return judgeName(member, fields);
  }
  return shape.accepts(bytes, member) ? undefined : fieldInvalid(member.key, shape.expected);
}

const isSet = (found: Fields, field: string): boolean => (found.get(field)?.type ?? 'null') !== 'null';

/** What a table of single fields cannot say. */
function judgeTogether(operation: BodyOperation, found: Fields): Denied | undefined {
  if (operation === 'chat' && isSet(found, 'max_tokens') && isSet(found, 'max_completion_tokens')) {
    return fieldInvalid('max_tokens', 'absent where "max_completion_tokens" is set');
  }
  const sources = ['input', 'prompt', 'previous_response_id', 'conversation'];
  if (operation === 'responses' && !sources.some((field) => isSet(found, field))) {
    return fieldInvalid('input', 'a string or an array of objects');
  }
  return undefined;
}

/** The model's name; undefined where it is empty, too long or holds control characters. */
function readModel(bytes: Uint8Array, member: Member, bytesMax: number): string | undefined {
  if (member.end - member.start > literalBytesMax(bytesMax)) {
    return undefined;
  }
  const model = readString(bytes, member);
  return model !== '' && Buffer.byteLength(model, 'utf8') <= bytesMax && !/\p{Cc}/u.test(model) ? model : undefined;
}

/** A short word of the provider's; undefined for anything else. */
const readName = (bytes: Uint8Array, member: Member | undefined): string | undefined =>
  member?.type === 'string' && member.end - member.start <= nameBytesMax ? readString(bytes, member) : undefined;

const readCount = (bytes: Uint8Array, found: Fields, field: string): number | undefined => {
  const member = found.get(field);
  return member === undefined ? undefined : readInteger(bytes, member);
};

/** How many prompts a completion has: the elements of an array, unless these are the tokens of one prompt. */
function countPrompts(bytes: Uint8Array, prompt: Member | undefined): number {
  return prompt?.type === 'array' ? Math.max(1, countElements(bytes, prompt, ['string', 'array'])) : 1;
}

function countChoices(bytes: Uint8Array, operation: BodyOperation, found: Fields): number {
  const choices = operation === 'chat' || operation === 'completions' ? (readCount(bytes, found, 'n') ?? 1) : 1;
  if (operation !== 'completions') {
    return choices;
  }
  return countPrompts(bytes, found.get('prompt')) * Math.max(choices, readCount(bytes, found, 'best_of') ?? 1);
}

function judgeMembers(bytes: Uint8Array, operation: BodyOperation, members: readonly Member[], limits: BodyLimits): Outcome<JudgedBody> {
  const fields = FIELDS[operation];
  const found = new Map<string, Member>();
  for (const member of members) {
    const denied = judgeMember(bytes, member, fields);
    if (denied !== undefined) {
      return denied;
    }
    found.set(member.key, member);
  }
  for (const [field, shape] of fields.required) {
    if (!found.has(field)) {
      return fieldInvalid(field, `set to ${shape.expected}`);
    }
  }
  const denied = judgeTogether(operation, found);
  if (denied !== undefined) {
    return denied;
  }
  const tools = judgeTools(bytes, operation, found);
  return tools.kind === 'next' ? collect(bytes, { operation, found, tools: tools.found }, limits) : tools;
}

interface Judged {
  readonly operation: BodyOperation;
  readonly found: Fields;
  readonly tools: JudgedTools;
}

function collect(bytes: Uint8Array, judged: Judged, limits: BodyLimits): Outcome<JudgedBody> {
  const { operation, found, tools } = judged;
  const member = found.get('model');
  const model = member === undefined ? undefined : readModel(bytes, member, limits.modelBytesMax);
  if (member === undefined || model === undefined) {
    return fieldInvalid('model', `a string of 1 to ${String(limits.modelBytesMax)} bytes without control characters`);
  }
  const caps = readCaps(bytes, operation, found);
  return next({
    model,
    modelStart: member.start,
    modelEnd: member.end,
    stream: found.get('stream')?.type === 'true',
    maxOutputTokens: statedTokens(caps),
    choices: countChoices(bytes, operation, found),
    operation,
    membersStart: afterSpace(asBuffer(bytes), 0) + 1,
    caps,
    usageRequest: readUsageRequest(bytes, operation, found),
    echoes: operation === 'completions' && found.get('echo')?.type === 'true',
    textTokensMax: textTokensMax(bytes),
    addedTokensMax: addedTokensMax(operation, tools),
    unbounded: listUnbounded(bytes, operation, found, tools.unbounded),
    serviceTier: readName(bytes, found.get('service_tier')),
    speed: readName(bytes, found.get('speed')),
    inferenceGeo: readName(bytes, found.get('inference_geo')),
  });
}

/**
 * Judges the body of a request to `endpoint`. It must be one unambiguous JSON object, must not hold a field that would take a decision
 * out of this gateway's hands, and every field that a decision rests on must have the type that the API gives it. Fields that are not
 * known pass, since providers add some every week. Total: any bytes give an outcome. Time is linear in the bytes.
 */
export function judgeBody(endpoint: Endpoint, bytes: Uint8Array, limits: BodyLimits): Outcome<JudgedBody> {
  if (endpoint.operation === 'models') {
    return deny('request_invalid', 'body', 'This endpoint takes no body.');
  }
  if (bytes.length === 0) {
    return deny('body_missing');
  }
  const scan = scanDocument(bytes, limits);
  if (scan.kind === 'refused') {
    return deny('body_invalid', scan.reason, `Reason: ${describeRefusal(scan)}.`);
  }
  return judgeMembers(bytes, endpoint.operation, scan.members, limits);
}
