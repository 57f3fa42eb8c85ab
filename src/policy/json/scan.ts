import { BYTE, afterSpace, asBuffer, byteAt, refuse, refuseHere } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import type { Member, Scan, ScanLimits, ValueType } from './document.ts';
import { addName, enterObject, leaveObject, openNames, unescape } from './names.ts';
import type { Names } from './names.ts';
import { scanNumber } from './number-token.ts';
import { scanString } from './string-token.ts';
import { invalidUtf8At } from './utf8.ts';

/** What may stand at the cursor: an element or the end (`first`), an element (`next`), a comma or the end (`after`). */
type Phase = 'first' | 'next' | 'after';

interface Walk extends Cursor {
  phase: Phase;
  depth: number;
  values: number;
  /** 1 where the container at this depth is an object. */
  readonly objects: Uint8Array;
  readonly names: Names;
  readonly members: Member[];
  /** The member of the outermost object that is being read. */
  key: string;
  keyStart: number;
  valueStart: number;
  valueType: ValueType;
}

function openWalk(input: Uint8Array, limits: ScanLimits): Walk {
  const bytes = asBuffer(input);
  return {
    bytes,
    limits,
    at: 0,
    reason: undefined,
    reasonAt: 0,
    escaped: false,
    nul: false,
    phase: 'first',
    depth: 0,
    values: 0,
    objects: new Uint8Array(limits.depthMax + 1),
    names: openNames(bytes),
    members: [],
    key: '',
    keyStart: 0,
    valueStart: 0,
    valueType: 'null',
  };
}

function enter(walk: Walk, isObject: boolean): boolean {
  if (walk.depth >= walk.limits.depthMax) {
    return refuse(walk, 'too_deep', walk.at);
  }
  walk.depth += 1;
  walk.objects[walk.depth] = isObject ? 1 : 0;
  if (isObject) {
    enterObject(walk.names, walk.depth);
  }
  walk.at += 1;
  walk.phase = 'first';
  return true;
}

/** Called behind a value: notes it where it is a member of the outermost object. */
function finishValue(walk: Walk): true {
  walk.phase = 'after';
  if (walk.depth === 1) {
    walk.members.push({ key: walk.key, keyStart: walk.keyStart, start: walk.valueStart, end: walk.at, type: walk.valueType });
  }
  return true;
}

function leave(walk: Walk): true {
  if (walk.objects[walk.depth] === 1) {
    leaveObject(walk.names, walk.depth);
  }
  walk.depth -= 1;
  walk.at += 1;
  return finishValue(walk);
}

function scanLiteral(walk: Walk, text: 'true' | 'false' | 'null'): boolean {
  for (let index = 1; index < text.length; index += 1) {
    if (byteAt(walk.bytes, walk.at + index) !== text.charCodeAt(index)) {
      walk.at += index;
      return refuseHere(walk);
    }
  }
  walk.at += text.length;
  return true;
}

function begin(walk: Walk, type: ValueType): void {
  if (walk.depth === 1) {
    walk.valueStart = walk.at;
    walk.valueType = type;
  }
}

function scalar(walk: Walk, type: 'string' | 'number' | 'true' | 'false' | 'null'): boolean {
  begin(walk, type);
  const read = type === 'string' ? scanString(walk) : type === 'number' ? scanNumber(walk) : scanLiteral(walk, type);
  return read && finishValue(walk);
}

function value(walk: Walk): boolean {
  walk.values += 1;
  if (walk.values > walk.limits.valuesMax) {
    return refuse(walk, 'too_many_values', walk.at);
  }
  const byte = byteAt(walk.bytes, walk.at);
  switch (byte) {
    case BYTE.quote:
      return scalar(walk, 'string');
    case BYTE.openBrace:
      begin(walk, 'object');
      return enter(walk, true);
    case BYTE.openBracket:
      begin(walk, 'array');
      return enter(walk, false);
    case BYTE.lowerT:
      return scalar(walk, 'true');
    case BYTE.lowerF:
      return scalar(walk, 'false');
    case BYTE.lowerN:
      return scalar(walk, 'null');
    default:
      return byte === BYTE.minus || (byte >= BYTE.zero && byte <= BYTE.nine) ? scalar(walk, 'number') : refuseHere(walk);
  }
}

/** Reads a member's name and its colon, up to its value. */
function memberName(walk: Walk): boolean {
  const quote = walk.at;
  if (byteAt(walk.bytes, quote) !== BYTE.quote) {
    return refuseHere(walk);
  }
  if (!scanString(walk)) {
    return false;
  }
  const start = quote + 1;
  const end = walk.at - 1;
  if (walk.nul) {
    return refuse(walk, 'nul_in_name', quote);
  }
  if (end - start > walk.limits.nameBytesMax) {
    return refuse(walk, 'name_too_long', quote);
  }
  if (!addName(walk.names, walk.depth, start, end, walk.escaped)) {
    return refuse(walk, 'duplicate_name', quote);
  }
  if (walk.depth === 1) {
    walk.key = unescape(walk.bytes, start, end, walk.escaped);
    walk.keyStart = quote;
  }
  walk.at = afterSpace(walk.bytes, walk.at);
  if (byteAt(walk.bytes, walk.at) !== BYTE.colon) {
    return refuseHere(walk);
  }
  walk.at = afterSpace(walk.bytes, walk.at + 1);
  return true;
}

function step(walk: Walk): boolean {
  walk.at = afterSpace(walk.bytes, walk.at);
  const isObject = walk.objects[walk.depth] === 1;
  const byte = byteAt(walk.bytes, walk.at);
  if (walk.phase !== 'next' && byte === (isObject ? BYTE.closeBrace : BYTE.closeBracket)) {
    return leave(walk);
  }
  if (walk.phase === 'after') {
    if (byte !== BYTE.comma) {
      return refuseHere(walk);
    }
    walk.phase = 'next';
    walk.at += 1;
    return true;
  }
  return isObject ? memberName(walk) && value(walk) : value(walk);
}

/** Checks what holds for the bytes as a whole, and stops at the opening brace. */
function startsWell(walk: Walk): boolean {
  const { bytes } = walk;
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return refuse(walk, 'bom', 0);
  }
  const invalidAt = invalidUtf8At(bytes);
  if (invalidAt !== undefined) {
    return refuse(walk, 'utf8', invalidAt);
  }
  walk.at = afterSpace(bytes, 0);
  if (walk.at === bytes.length) {
    return refuse(walk, 'empty', walk.at);
  }
  return byteAt(bytes, walk.at) === BYTE.openBrace || refuse(walk, 'not_object', walk.at);
}

function endsWell(walk: Walk): boolean {
  const end = afterSpace(walk.bytes, walk.at);
  return end === walk.bytes.length || refuse(walk, 'trailing_data', end);
}

function walkObject(walk: Walk): boolean {
  let going = enter(walk, true);
  while (going && walk.depth > 0) {
    going = step(walk);
  }
  return going;
}

/**
 * Reads a JSON object (RFC 8259, strictly) in one pass and lists its members by where they lie. What two parsers could read
 * differently is refused: duplicate names however escaped, invalid UTF-8, lone surrogates, numbers beyond a double, a byte order mark.
 * Time is linear in the bytes and nesting costs no call stack. Never throws for any bytes.
 */
export function scanDocument(input: Uint8Array, limits: ScanLimits): Scan {
  const walk = openWalk(input, limits);
  if (startsWell(walk) && walkObject(walk) && endsWell(walk)) {
    return { kind: 'object', members: walk.members };
  }
  return { kind: 'refused', reason: walk.reason ?? 'syntax', at: walk.reasonAt };
}
