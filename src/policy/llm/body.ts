import { Buffer } from 'node:buffer';
import type { Endpoint } from '../../core/operation.ts';
import { deny, next } from '../../core/outcome.ts';
import type { Denied, Outcome } from '../../core/outcome.ts';
import { everyElement, membersOf } from '../json/children.ts';
import { DEFAULT_SCAN_LIMITS, describeRefusal } from '../json/document.ts';
import type { Member, ScanLimits } from '../json/document.ts';
import { readInteger, readString } from '../json/read.ts';
import { scanDocument } from '../json/scan.ts';
import { FIELDS } from './fields.ts';
import type { BodyOperation, OperationFields } from './fields.ts';
import { foldName, forbiddenBy } from './forbidden-fields.ts';
import { countElements } from './shape.ts';

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
}

type Fields = ReadonlyMap<string, Member>;

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

/** A tool that names a model (an adviser, an image generator) would call it unjudged. */
function judgeTools(bytes: Uint8Array, tools: Member | undefined): Denied | undefined {
  if (tools?.type !== 'array') {
    return undefined;
  }
  const clean = everyElement(
    bytes,
    tools,
    (tool) => tool.type !== 'object' || membersOf(bytes, tool).every((member) => foldName(member.key) !== 'model'),
  );
  return clean
    ? undefined
    : deny('field_forbidden', 'tools[].model', 'The field is "model" of a tool: the provider would call that model unchecked.');
}

/** The model's name; undefined where it is empty, too long or holds control characters. */
function readModel(bytes: Uint8Array, member: Member, bytesMax: number): string | undefined {
  if (member.end - member.start > literalBytesMax(bytesMax)) {
    return undefined;
  }
  const model = readString(bytes, member);
  return model !== '' && Buffer.byteLength(model, 'utf8') <= bytesMax && !/\p{Cc}/u.test(model) ? model : undefined;
}

const readCount = (bytes: Uint8Array, found: Fields, field: string): number | undefined => {
  const member = found.get(field);
  return member === undefined ? undefined : readInteger(bytes, member);
};

/** Each API's names for the cap on output tokens; of two that are set, `judgeTogether` lets none pass. */
const CAPS: Readonly<Record<BodyOperation, readonly string[]>> = {
  chat: ['max_completion_tokens', 'max_tokens'],
  completions: ['max_tokens'],
  embeddings: [],
  responses: ['max_output_tokens'],
  messages: ['max_tokens'],
  count_tokens: [],
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
  const denied = judgeTogether(operation, found) ?? judgeTools(bytes, found.get('tools'));
  return denied ?? collect(bytes, operation, found, limits);
}

function collect(bytes: Uint8Array, operation: BodyOperation, found: Fields, limits: BodyLimits): Outcome<JudgedBody> {
  const member = found.get('model');
  const model = member === undefined ? undefined : readModel(bytes, member, limits.modelBytesMax);
  if (member === undefined || model === undefined) {
    return fieldInvalid('model', `a string of 1 to ${String(limits.modelBytesMax)} bytes without control characters`);
  }
  const caps = CAPS[operation].map((field) => readCount(bytes, found, field));
  return next({
    model,
    modelStart: member.start,
    modelEnd: member.end,
    stream: found.get('stream')?.type === 'true',
    maxOutputTokens: caps.find((cap) => cap !== undefined),
    choices: countChoices(bytes, operation, found),
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
