import { parseNetwork } from '../core/address.ts';
import { OPERATIONS, type Operation } from '../core/operation.ts';
import { parseDurationMs } from '../core/units.ts';
import { modelsMatching } from '../policy/model-scope.ts';
import { isKeyId, parseVirtualKey } from '../policy/virtual-key.ts';
import { UsageError } from './arguments.ts';

const printable = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;
const printableMax = 128;
const listEntriesMax = 100;

/** Beyond this, `never` is what is meant. */
const lifetimeMsMax = 3_660 * 86_400_000;

const nameParser =
  (pattern: RegExp, signs: string) =>
  (option: string, text: string): string => {
    if (!pattern.test(text)) {
      throw new UsageError(`--${option}: use letters, digits and ${signs} (128 at most)`);
    }
    return text;
  };

/** The names that settings, tokens and certificates can carry too. */
export const parseLabel = nameParser(/^[A-Za-z0-9._:@/-]{1,128}$/, '. _ : @ / -');

/** A client as any credential may name it, also one that only a token could. */
export const parseClientName = nameParser(/^[A-Za-z0-9._:@/|+=-]{1,128}$/, '. _ : @ / | + = -');

/** Free text for people: whatever can be shown without moving the cursor of a terminal. */
export function parsePrintable(option: string, text: string, charactersMax = printableMax): string {
  if (text.length > charactersMax || !printable.test(text)) {
    throw new UsageError(`--${option}: use 1 to ${String(charactersMax)} printable characters on one line`);
  }
  return text;
}

/** An id, or the whole key that carries it: in an emergency the key may be all there is. */
export function parseKeyId(text: string): string {
  const id = isKeyId(text) ? text : parseVirtualKey(text)?.id;
  if (id === undefined) {
    throw new UsageError('use the id of a key, 10 letters and digits: "sallyport keys list" shows them');
  }
  return id;
}

/** `90d`, `12h`, a day (its first moment, UTC) or `never` → epoch milliseconds; undefined = never. */
export function parseExpiry(text: string, nowMs: number): number | undefined {
  if (text === 'never') {
    return undefined;
  }
  const atMs = /^\d{4}-\d\d-\d\d$/.test(text) ? parseDayMs(text) : addMs(nowMs, parseDurationMs(text));
  if (atMs === undefined) {
    throw new UsageError('--expires: use a time such as 90d or 12h, a day such as 2027-01-31 (ends as it begins, UTC), or never');
  }
  if (atMs <= nowMs || atMs - nowMs > lifetimeMsMax) {
    throw new UsageError('--expires: this lies in the past or more than ten years ahead; for a key without end say never');
  }
  return atMs;
}

const addMs = (nowMs: number, durationMs: number | undefined): number | undefined =>
  durationMs === undefined ? undefined : nowMs + durationMs;

/** Undefined for days that no month has: `Date.parse` takes 31 February for 3 March. */
function parseDayMs(text: string): number | undefined {
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(atMs) || new Date(atMs).toISOString().slice(0, 10) !== text ? undefined : atMs;
}

function parseList(option: string, text: string): readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.some((entry) => entry === '')) {
    throw new UsageError(`--${option}: separate the entries by single commas`);
  }
  if (entries.length > listEntriesMax) {
    throw new UsageError(`--${option}: ${listEntriesMax} entries at most`);
  }
  return [...new Set(entries)];
}

/** Declared model names and `prefix*` patterns that match at least one of them. */
export function parseModels(text: string, declared: ReadonlyMap<string, unknown>): readonly string[] {
  const patterns = parseList('models', text);
  for (const pattern of patterns) {
    if (pattern.slice(0, -1).includes('*') || modelsMatching([pattern], declared.keys()).size === 0) {
      throw new UsageError(`--models: ${JSON.stringify(pattern)} matches no declared model; declared: ${namesOf(declared)}`);
    }
  }
  return patterns;
}

export function parseOperations(text: string): readonly Operation[] {
  return parseList('operations', text).map((entry) => {
    const known = OPERATIONS.find((operation) => operation === entry);
    if (known === undefined) {
      throw new UsageError(`--operations: ${JSON.stringify(entry)} is none of ${OPERATIONS.join(', ')}`);
    }
    return known;
  });
}

export function parseNetworks(text: string): readonly string[] {
  return parseList('networks', text).map((entry) => {
    const network = parseNetwork(entry);
    if (network === undefined) {
      throw new UsageError(`--networks: ${JSON.stringify(entry)} is no network; write 10.0.0.0/8, 2001:db8::/32 or one address`);
    }
    return network;
  });
}

/** A name that must be declared in the settings: a key bound to a misspelt one would only ever be denied. */
export function parseDeclared(option: string, text: string, declared: ReadonlyMap<string, unknown>): string {
  if (!declared.has(text)) {
    throw new UsageError(`--${option}: ${JSON.stringify(text)} is not in the settings; declared: ${namesOf(declared)}`);
  }
  return text;
}

const namesOf = (declared: ReadonlyMap<string, unknown>): string => (declared.size === 0 ? 'none' : [...declared.keys()].join(', '));
