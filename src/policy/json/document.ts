/** What a JSON value is, told by its first byte. */
export type ValueType = 'string' | 'number' | 'object' | 'array' | 'true' | 'false' | 'null';

/** Where a value lies in the bytes it was read from: `end` is the first byte after it. */
export interface ValueSpan {
  readonly start: number;
  readonly end: number;
  readonly type: ValueType;
}

/** A member of an object: its name unescaped, where the name's opening quote lies, and its value. */
export interface Member extends ValueSpan {
  readonly key: string;
  readonly keyStart: number;
}

export interface ScanLimits {
  /** Levels of nesting; the outermost object is the first. */
  readonly depthMax: number;
  /** Values in all: members, elements and what is inside them. */
  readonly valuesMax: number;
  /** Member names in all: one costs ten times a plain value, because no two of an object may be equal. */
  readonly namesMax: number;
  /** Bytes of one member name as it was sent, without its quotes. */
  readonly nameBytesMax: number;
  /** True where the text of a value may hold half of a pair of surrogates: a text in pieces is cut anywhere. Names never do. */
  readonly mayHalvePairs?: true;
}

export const DEFAULT_SCAN_LIMITS: ScanLimits = { depthMax: 64, valuesMax: 1_000_000, namesMax: 100_000, nameBytesMax: 512 };

/** Of one event of a stream. */
export const EVENT_SCAN_LIMITS: ScanLimits = { ...DEFAULT_SCAN_LIMITS, mayHalvePairs: true };

/** Every reason for which a document is refused, with the words for it; none of them quotes the document. */
export const SCAN_REFUSALS = {
  empty: 'no JSON value',
  bom: 'byte order mark',
  utf8: 'invalid UTF-8',
  not_object: 'the outermost value is not an object',
  syntax: 'unexpected character',
  truncated: 'unexpected end',
  control_character: 'raw control character in a string',
  escape: 'invalid escape sequence',
  lone_surrogate: 'lone surrogate escape',
  nul_in_name: 'NUL in a member name',
  name_too_long: 'member name too long',
  duplicate_name: 'duplicate member name',
  too_deep: 'nested too deep',
  too_many_values: 'too many values',
  too_many_names: 'too many member names',
  number: 'invalid number',
  number_not_finite: 'number too large',
  trailing_data: 'data after the document',
} as const satisfies Record<string, string>;

export type ScanRefusal = keyof typeof SCAN_REFUSALS;

/** `at` is the offset of the byte at which the reason showed. */
export interface Refused {
  readonly kind: 'refused';
  readonly reason: ScanRefusal;
  readonly at: number;
}

export type Scan = { readonly kind: 'object'; readonly members: readonly Member[] } | Refused;

/** The refusal in words that may be shown to the sender: a reason and a position, no content. */
export const describeRefusal = (refused: Refused): string => `${SCAN_REFUSALS[refused.reason]} at byte ${String(refused.at)}`;
