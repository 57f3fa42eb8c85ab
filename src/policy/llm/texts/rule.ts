import { byteMap } from './byte-map.ts';
import type { ByteMap } from './byte-map.ts';
import { memberName } from './literals.ts';
import type { MemberName } from './literals.ts';
import { judgeBase64, judgeId, judgeModel, judgeWords } from './plain-literal.ts';
import type { JudgeLiteral } from './plain-literal.ts';
import type { Origin, UnreadableKind } from './site.ts';

/**
 * What the strings of any JSON below are: `data` = text, names of members too; `plain` = words of the API, each checked to be one;
 * `numbers` = there should be none.
 */
export type Every = 'data' | 'plain' | 'numbers' | 'unknown';

/** What a value of an API means. Null, true and false never carry text; what a rule does not name is `unknown`. */
export type Rule =
  /** A string, or a list of them. `field` names its channel in streams. */
  | { readonly kind: 'site'; readonly as: 'text' | 'json' | 'signed'; readonly field: string | undefined }
  /** A string that carries no text, or a list of them, or a number. `closes`: a string here ends the texts of its scope. */
  | { readonly kind: 'plain'; readonly judge: JudgeLiteral; readonly closes: boolean }
  /** Any JSON. */
  | { readonly kind: 'every'; readonly as: Every }
  /** A value that is taken as a whole: what cannot be read, or the text once more. */
  | { readonly kind: 'opaque'; readonly what: UnreadableKind | 'logprobs' }
  | ObjectRule
  | TypedRule
  /** Like `one` where the object has a member of this name, else like `other`. */
  | { readonly kind: 'having'; readonly name: MemberName; readonly one: Rule; readonly other: Rule }
  /** An array. `isScoped`: each element has texts of its own in streams. */
  | { readonly kind: 'list'; readonly of: Rule; readonly isScoped: boolean }
  /** By what the value is; what has no rule is unknown. `numbers` = an array that begins with a number. */
  | { readonly kind: 'either'; readonly string: Rule; readonly array: Rule; readonly numbers: Rule; readonly object: Rule }
  | { readonly kind: 'from'; readonly origin: Origin; readonly rule: Rule };

/** A member's rule and its name, for places. */
export interface NamedRule {
  readonly name: string;
  readonly rule: Rule;
}

export interface ObjectRule {
  readonly kind: 'object';
  readonly members: ByteMap<NamedRule>;
  /** For members of any other name, whose names are then data; undefined = they are unknown. */
  readonly rest: Rule | undefined;
  /** Whose words its texts are, by its member `role`. */
  readonly roles: ByteMap<Origin> | undefined;
  /** Members that tell its texts from those of its like in streams. */
  readonly keys: readonly MemberName[];
}

/** An object that is read by its member `type`; `''` = without one. */
export interface TypedRule {
  readonly kind: 'typed';
  readonly types: Readonly<Record<string, Rule>>;
  readonly byType: ByteMap<Rule>;
}

export type Members = Readonly<Record<string, Rule>>;

export const TEXT: Rule = { kind: 'site', as: 'text', field: undefined };
export const JSON_TEXT: Rule = { kind: 'site', as: 'json', field: undefined };
export const SIGNED: Rule = { kind: 'site', as: 'signed', field: undefined };
export const DATA: Rule = { kind: 'every', as: 'data' };
/** Figures and words of the API's own, such as `usage`. */
export const FIGURES: Rule = { kind: 'every', as: 'plain' };
export const LOGPROBS: Rule = { kind: 'opaque', what: 'logprobs' };
export const UNKNOWN: Rule = { kind: 'every', as: 'unknown' };

export const textField = (field: string): Rule => ({ kind: 'site', as: 'text', field });
export const jsonField = (field: string): Rule => ({ kind: 'site', as: 'json', field });
export const unreadable = (what: UnreadableKind): Rule => ({ kind: 'opaque', what });
export const IMAGE = unreadable('image');
export const FILE = unreadable('file');
export const REFERENCE = unreadable('reference');
export const ENCRYPTED = unreadable('encrypted');
export const TOKENS = unreadable('tokens');
export const listOf = (of: Rule): Rule => ({ kind: 'list', of, isScoped: false });
export const scopedList = (of: Rule): Rule => ({ kind: 'list', of, isScoped: true });

export const either = (by: { readonly string?: Rule; readonly array?: Rule; readonly numbers?: Rule; readonly object?: Rule }): Rule => ({
  kind: 'either',
  string: by.string ?? UNKNOWN,
  array: by.array ?? UNKNOWN,
  numbers: by.numbers ?? by.array ?? UNKNOWN,
  object: by.object ?? UNKNOWN,
});
export const from = (origin: Origin, rule: Rule): Rule => ({ kind: 'from', origin, rule });
export const having = (name: string, one: Rule, other: Rule): Rule => ({ kind: 'having', name: memberName(name), one, other });

interface More {
  readonly rest?: Rule;
  readonly roles?: Readonly<Record<string, Origin>>;
  readonly keys?: readonly string[];
}

export const object = (members: Members, { rest, roles, keys = [] }: More = {}): ObjectRule => ({
  kind: 'object',
  members: byteMap(Object.entries(members).map(([name, rule]) => [name, { name, rule }])),
  rest,
  roles: roles === undefined ? undefined : byteMap(Object.entries(roles)),
  keys: keys.map((key) => memberName(key)),
});

const byType = (types: Readonly<Record<string, Rule>>): TypedRule => ({ kind: 'typed', types, byType: byteMap(Object.entries(types)) });

/** Objects by their `type`, all of which may have the members `shared`; the type itself is known by then. */
export const typed = (types: Readonly<Record<string, Members>>, shared: Members = {}): TypedRule =>
  byType(Object.fromEntries(Object.entries(types).map(([type, members]) => [type, object({ type: TYPE, ...shared, ...members })])));

/** The same, with rules for more types. */
export const withTypes = ({ types }: TypedRule, more: Readonly<Record<string, Rule>>): TypedRule => byType({ ...types, ...more });

const plain = (judge: JudgeLiteral, closes = false): Rule => ({ kind: 'plain', judge, closes });

/** A string that is one of these. */
export const words = (...known: readonly string[]): Rule => plain(judgeWords(known));

/** The one word that a value is. */
export const isWord = (word: string, closes: boolean): Rule => plain(judgeWords([word]), closes);

/** Numbers, true and false: no string is known here. */
export const SCALAR: Rule = plain(() => 'unknown');
export const ID: Rule = plain(judgeId);
export const MODEL: Rule = plain(judgeModel);
/** Numbers, as an array of them or packed. */
export const BASE64: Rule = plain(judgeBase64);
/** Known by the table that led here. */
const TYPE: Rule = plain(() => 'plain');
/** Why a choice ended: its texts are complete. */
export const FINISH: Rule = plain(judgeId, true);

export const scalars = (...names: readonly string[]): Members => Object.fromEntries(names.map((name) => [name, SCALAR]));
export const ids = (...names: readonly string[]): Members => Object.fromEntries(names.map((name) => [name, ID]));
export const texts = (...names: readonly string[]): Members => Object.fromEntries(names.map((name) => [name, TEXT]));
