import { must } from '../../core/assert.ts';
import { BYTE, afterSpace, asBuffer, byteAt, refuse, refuseHere } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import type { Member, Scan, ScanLimits, ValueType } from './document.ts';
import { addName, noNames, unescape } from './names.ts';
import type { Names } from './names.ts';
import { scanNumber } from './number-token.ts';
import { scanString } from './string-token.ts';
import { invalidUtf8At } from './utf8.ts';

/** What may stand at the cursor: an element or the end (`first`), an element (`next`), a comma or the end (`after`). */
type Phase = 'first' | 'next' | 'after';

/** A container that is open. The outermost object is at depth 1. */
interface Frame {
  readonly depth: number;
  readonly outer: Frame | undefined;
  /** Undefined for an array. */
  readonly names: Names | undefined;
}

interface Walk extends Cursor {
  phase: Phase;
  /** The innermost open container; undefined before the outermost object and behind it. */
  frame: Frame | undefined;
  values: number;
  names: number;
  readonly members: Member[];
  /** The member of the outermost object that is being read. */
  key: string;
  keyStart: number;
  valueStart: number;
  valueType: ValueType;
}

function openWalk(input: Uint8Array, limits: ScanLimits): Walk {
  return {
    bytes: asBuffer(input),
    limits,
    at: 0,
    refused: undefined,
    escaped: false,
    nul: false,
    halfAt: undefined,
    phase: 'first',
    frame: undefined,
    values: 0,
    names: 0,
    members: [],
    key: '',
    keyStart: 0,
    valueStart: 0,
    valueType: 'null',
  };
}

function enter(walk: Walk, outer: Frame | undefined, names: Names | undefined): boolean {
  const depth = outer === undefined ? 1 : outer.depth + 1;
  if (depth > walk.limits.depthMax) {
    return refuse(walk, 'too_deep', walk.at);
  }
  walk.frame = { depth, outer, names };
  walk.at += 1;
  walk.phase = 'first';
  return true;
}

/** Called behind a value in `frame`: notes it where it is a member of the outermost object. */
function finishValue(walk: Walk, frame: Frame | undefined): true {
  walk.phase = 'after';
  if (frame?.depth === 1) {
    walk.members.push({ key: walk.key, keyStart: walk.keyStart, start: walk.valueStart, end: walk.at, type: walk.valueType });
  }
  return true;
}

function leave(walk: Walk, frame: Frame): true {
  walk.frame = frame.outer;
  walk.at += 1;
  return finishValue(walk, frame.outer);
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

function begin(walk: Walk, frame: Frame, type: ValueType): void {
  if (frame.depth === 1) {
    walk.valueStart = walk.at;
    walk.valueType = type;
  }
}

function scalar(walk: Walk, frame: Frame, type: 'string' | 'number' | 'true' | 'false' | 'null'): boolean {
  begin(walk, frame, type);
  const read = type === 'string' ? scanString(walk) : type === 'number' ? scanNumber(walk) : scanLiteral(walk, type);
  return read && finishValue(walk, frame);
}

function value(walk: Walk, frame: Frame): boolean {
  walk.values += 1;
  if (walk.values > walk.limits.valuesMax) {
    return refuse(walk, 'too_many_values', walk.at);
  }
  const byte = byteAt(walk.bytes, walk.at);
  switch (byte) {
    case BYTE.quote:
      return scalar(walk, frame, 'string');
    case BYTE.openBrace:
      begin(walk, frame, 'object');
      return enter(walk, frame, noNames());
    case BYTE.openBracket:
      begin(walk, frame, 'array');
      return enter(walk, frame, undefined);
    case BYTE.lowerT:
      return scalar(walk, frame, 'true');
    case BYTE.lowerF:
      return scalar(walk, frame, 'false');
    case BYTE.lowerN:
      return scalar(walk, frame, 'null');
    default:
      return byte === BYTE.minus || (byte >= BYTE.zero && byte <= BYTE.nine) ? scalar(walk, frame, 'number') : refuseHere(walk);
  }
}

/** Reads a member's name and its colon, up to its value. */
function memberName(walk: Walk, frame: Frame, names: Names): boolean {
  const quote = walk.at;
  if (byteAt(walk.bytes, quote) !== BYTE.quote) {
    return refuseHere(walk);
  }
  walk.names += 1;
  if (walk.names > walk.limits.namesMax) {
    return refuse(walk, 'too_many_names', quote);
  }
  if (!scanString(walk)) {
    return false;
  }
  const start = quote + 1;
  const end = walk.at - 1;
  if (walk.nul) {
    return refuse(walk, 'nul_in_name', quote);
  }
  if (walk.halfAt !== undefined) {
    return refuse(walk, 'lone_surrogate', walk.halfAt);
  }
  if (end - start > walk.limits.nameBytesMax) {
    return refuse(walk, 'name_too_long', quote);
  }
  if (!addName(names, walk.bytes, start, end, walk.escaped)) {
    return refuse(walk, 'duplicate_name', quote);
  }
  if (frame.depth === 1) {
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

function step(walk: Walk, frame: Frame): boolean {
  walk.at = afterSpace(walk.bytes, walk.at);
  const { names } = frame;
  const byte = byteAt(walk.bytes, walk.at);
  if (walk.phase !== 'next' && byte === (names === undefined ? BYTE.closeBracket : BYTE.closeBrace)) {
    return leave(walk, frame);
  }
  if (walk.phase === 'after') {
    if (byte !== BYTE.comma) {
      return refuseHere(walk);
    }
    walk.phase = 'next';
    walk.at += 1;
    return true;
  }
  return (names === undefined || memberName(walk, frame, names)) && value(walk, frame);
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
  let going = enter(walk, undefined, noNames());
  while (going && walk.frame !== undefined) {
    going = step(walk, walk.frame);
  }
  return going;
}

/**
 * Reads a JSON object (RFC 8259, strictly) in one pass and lists its members by where they lie. What two parsers could read
 * differently is refused: duplicate names however escaped, invalid UTF-8, lone surrogates (in values only where `limits` say so), numbers
 * beyond a double, a byte order mark.
 * Time is linear in the bytes and nesting costs no call stack. Never throws for any bytes.
 */
export function scanDocument(input: Uint8Array, limits: ScanLimits): Scan {
  const walk = openWalk(input, limits);
  const complete = startsWell(walk) && walkObject(walk) && endsWell(walk);
  must(complete === (walk.refused === undefined), 'a scan stops with a reason and only then');
  return walk.refused ?? { kind: 'object', members: walk.members };
}
