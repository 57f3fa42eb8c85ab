import { Buffer } from 'node:buffer';
import { never } from '../../../core/assert.ts';
import { afterString } from '../../json/children.ts';
import { BYTE, afterSpace, asBuffer, byteAt } from '../../json/cursor.ts';
import { ROLE_NAME, TYPE_NAME, beginsNumber, findMember, firstChild, memberIndex, nextChild, valueBehind } from './literals.ts';
import { UNKNOWN } from './rule.ts';
import type { ObjectRule, Rule, TypedRule } from './rule.ts';
import type { Origin } from './site.ts';
import { childOf, placeOf, pushSite, quotesBytes, unnamed, walkEvery, walkPlain } from './walk-every.ts';
import type { Context, Walk } from './walk-every.ts';
import { walkOpaque } from './walk-opaque.ts';

type RuleOf<Kind extends Rule['kind']> = Extract<Rule, { readonly kind: Kind }>;

const below = (scope: string, step: string | number): string => (scope === '' ? String(step) : `${scope}.${String(step)}`);

/** Without an index of its own an element is told from its like by where it stands. */
function scopeOf(walk: Walk, at: number, { keys }: ObjectRule, { scope, step }: Context): string {
  let own = scope;
  for (const key of keys) {
    own = below(own, memberIndex(walk.bytes, at, key) ?? (typeof step === 'number' ? step : 0));
  }
  return own;
}

function originOf({ bytes }: Walk, at: number, { roles }: ObjectRule, { origin }: Context): Origin {
  const role = roles === undefined ? -1 : findMember(bytes, at, ROLE_NAME);
  return role < 0 || byteAt(bytes, role) !== BYTE.quote ? origin : (roles?.at(bytes, role, afterString(bytes, role)) ?? origin);
}

const walkUnknown = (walk: Walk, at: number, context: Context): number => walkEvery(walk, at, 'unknown', context);

function walkObject(walk: Walk, at: number, rule: ObjectRule, context: Context): number {
  const { bytes } = walk;
  if (byteAt(bytes, at) !== BYTE.openBrace) {
    return walkUnknown(walk, at, context);
  }
  const parent = placeOf(context);
  const { step, part } = context;
  const inside = { origin: originOf(walk, at, rule, context), parent: context.parent, step, scope: scopeOf(walk, at, rule, context), part };
  let next = firstChild(bytes, at);
  for (let position = 0; byteAt(bytes, next) !== BYTE.closeBrace; position += 1) {
    const end = afterString(bytes, next);
    const known = rule.members.at(bytes, next, end);
    const inner = known === undefined ? unnamed(inside, parent, position) : childOf(inside, parent, known.name);
    if (known === undefined) {
      pushSite(walk, inner, 'key', { start: next, end });
    }
    next = nextChild(bytes, walkRule(walk, valueBehind(bytes, end), known?.rule ?? rule.rest ?? UNKNOWN, inner));
  }
  return next + 1;
}

/** Reads the elements of the array at `at`; `read` returns the offset behind one. Returns the offset behind the array. */
function eachElement(bytes: Buffer, at: number, context: Context, read: (at: number, context: Context) => number): number {
  const parent = placeOf(context);
  let next = firstChild(bytes, at);
  for (let index = 0; byteAt(bytes, next) !== BYTE.closeBracket; index += 1) {
    next = nextChild(bytes, read(next, childOf(context, parent, index)));
  }
  return next + 1;
}

function walkList(walk: Walk, at: number, rule: RuleOf<'list'>, context: Context): number {
  if (byteAt(walk.bytes, at) !== BYTE.openBracket) {
    return walkUnknown(walk, at, context);
  }
  return eachElement(walk.bytes, at, context, (element, inner) =>
    walkRule(walk, element, rule.of, rule.isScoped ? { ...inner, scope: below(inner.scope, inner.step) } : inner),
  );
}

/** A string, or a list of strings. */
function walkStrings(walk: Walk, at: number, rule: RuleOf<'site' | 'plain'>, context: Context): number {
  switch (byteAt(walk.bytes, at)) {
    case BYTE.quote:
      return rule.kind === 'site' ? walkSite(walk, at, rule, context) : walkWord(walk, at, rule, context);
    case BYTE.openBracket:
      return eachElement(walk.bytes, at, context, (element, inner) => walkStrings(walk, element, rule, inner));
    case BYTE.openBrace:
      return walkUnknown(walk, at, context);
    default:
      return walkEvery(walk, at, rule.kind === 'plain' ? 'plain' : 'unknown', context);
  }
}

function walkSite(walk: Walk, at: number, { as, field }: RuleOf<'site'>, context: Context): number {
  const end = afterString(walk.bytes, at);
  pushSite(walk, context, as, { start: at, end, field });
  return end;
}

function walkWord(walk: Walk, at: number, { judge, closes }: RuleOf<'plain'>, context: Context): number {
  const end = walkPlain(walk, at, judge, context);
  // Some servers say with every chunk that it did not end for "".
  if (closes && end - at > quotesBytes) {
    walk.closed.push(context.scope);
  }
  return end;
}

function eitherOf(bytes: Buffer, at: number, rule: RuleOf<'either'>): Rule {
  switch (byteAt(bytes, at)) {
    case BYTE.openBrace:
      return rule.object;
    case BYTE.openBracket:
      return beginsNumber(bytes, firstChild(bytes, at)) ? rule.numbers : rule.array;
    default:
      return rule.string;
  }
}

/** The rule for the value by what it is: `either`, `typed` and `having` stand for others. */
function chosen(walk: Walk, at: number, rule: RuleOf<'either' | 'typed' | 'having'>): Rule {
  const first = byteAt(walk.bytes, at);
  if (rule.kind === 'either') {
    return eitherOf(walk.bytes, at, rule);
  }
  if (first !== BYTE.openBrace) {
    return UNKNOWN;
  }
  if (rule.kind === 'having') {
    return findMember(walk.bytes, at, rule.name) < 0 ? rule.other : rule.one;
  }
  return typeOf(walk.bytes, at, rule) ?? UNKNOWN;
}

const untyped = Buffer.from('""');

/** An object without a type, or whose type is null, is one of its own; a type that is no string is none of any. */
function typeOf(bytes: Buffer, at: number, { byType }: TypedRule): Rule | undefined {
  const type = findMember(bytes, at, TYPE_NAME);
  if (type < 0 || byteAt(bytes, type) === BYTE.lowerN) {
    return byType.at(untyped, 0, untyped.length);
  }
  return byteAt(bytes, type) === BYTE.quote ? byType.at(bytes, type, afterString(bytes, type)) : undefined;
}

/** Reads the value at `at` as its rule says. Returns the offset behind it. */
function walkRule(walk: Walk, at: number, rule: Rule, context: Context): number {
  switch (rule.kind) {
    case 'site':
    case 'plain':
      return walkStrings(walk, at, rule, context);
    case 'every':
      return walkEvery(walk, at, rule.as, context);
    case 'opaque':
      return walkOpaque(walk, at, rule.what, context);
    case 'object':
      return walkObject(walk, at, rule, context);
    case 'list':
      return walkList(walk, at, rule, context);
    case 'from':
      return walkRule(walk, at, rule.rule, { ...context, origin: rule.origin });
    case 'either':
    case 'typed':
    case 'having':
      return walkRule(walk, at, chosen(walk, at, rule), context);
    default:
      return never(rule);
  }
}

/** What holds for all of a document. */
export type Subject = Pick<Context, 'origin' | 'part'> & Partial<Pick<Walk, 'isRequest'>>;

/** Reads a document that the scanner accepted, by the rule for its outermost object. */
export function walkDocument(input: Uint8Array, rule: Rule, { origin, part, isRequest = false }: Subject): Walk {
  const bytes = asBuffer(input);
  const walk: Walk = { bytes, sites: [], unreadable: [], closed: [], isRequest };
  walkRule(walk, afterSpace(bytes, 0), rule, { origin, part, parent: undefined, step: '', scope: '' });
  return walk;
}
