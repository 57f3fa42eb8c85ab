/**
 * Why the bytes of a request do not bound what it may cost: `state` = something that the provider keeps is read too; `template` = text is
 * made from a template; `image`, `audio`, `file` = media, billed by their size in pixels, seconds or pages; `part` = content of a type
 * that this gateway does not know; `tool` = work at the provider that is billed beside the answer, or runs the model again; `output` =
 * output that the cap does not cover.
 */
export const UNBOUNDED_KINDS = ['state', 'template', 'image', 'audio', 'file', 'part', 'tool', 'output'] as const;
export type UnboundedKind = (typeof UNBOUNDED_KINDS)[number];

/** One thing that a request holds and its bytes do not bound. Plain data. */
export interface Unbounded {
  readonly kind: UnboundedKind;
  /** What it is, in words for the client; from closed tables, never a text of the request. */
  readonly what: string;
  /** How often it was found. */
  readonly count: number;
  /** What it takes of the body: counted as input already, unless a rule of the operator's says otherwise. */
  readonly bytes: number;
}

/** The most different things that a refusal names. */
const listedMax = 16;

/** Collects what a body holds of it, each thing once, with its number and its bytes. */
export interface UnboundedList {
  readonly items: Map<string, Unbounded>;
}

export const noneUnbounded = (): UnboundedList => ({ items: new Map() });

export function noteUnbounded({ items }: UnboundedList, kind: UnboundedKind, what: string, bytes: number): void {
  const known = items.get(what);
  const count = (known?.count ?? 0) + 1;
  items.set(what, { kind, what, count, bytes: (known?.bytes ?? 0) + bytes });
}

/** Words for a refusal: every thing that the bytes do not bound. */
export function describeUnbounded(items: readonly Unbounded[]): string {
  const listed = items.slice(0, listedMax).map((item) => item.what);
  return `What it may cost cannot be known before: ${listed.join(', ')}.`;
}
