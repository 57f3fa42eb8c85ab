import type { Buffer } from 'node:buffer';
import { encodeString, splice } from '../json/splice.ts';
import type { Edit } from '../json/splice.ts';
import type { JudgedBody } from './body.ts';
import { capEdits } from './cap-output.ts';
import type { CapRule } from './cap-output.ts';
import { usageEdits } from './include-usage.ts';

/** What a target needs of the body. */
export interface Fit {
  /** Its own name of the model. */
  readonly model: string;
  /** Caps that make the worst case true; without them the client's stay, or are missing. */
  readonly cap?: CapRule | undefined;
  /** True where the answer must tell its usage, streamed or not. */
  readonly tellUsage?: boolean | undefined;
}

const modelEdits = (judged: JudgedBody, model: string): readonly Edit[] =>
  model === judged.model ? [] : [{ start: judged.modelStart, end: judged.modelEnd, replacement: encodeString(model) }];

/** What is put in comes before what is replaced from the same byte on: the first member's name may be. */
const byPlace = (left: Edit, right: Edit): number => left.start - right.start || left.end - right.end;

/**
 * The judged bytes for one target: its own name of the model in place of the client's, and as asked for the cap and the request for usage.
 * Nothing else is changed, and bytes that are right already are the same bytes, uncopied. Fitted bytes that are judged and fitted again are
 * the same as if they had been fitted to the last target alone.
 */
export function rewriteBody(bytes: Uint8Array, judged: JudgedBody, fit: Fit): Buffer {
  const edits = [
    ...modelEdits(judged, fit.model),
    ...(fit.cap === undefined ? [] : capEdits(judged, fit.cap)),
    ...(fit.tellUsage === true ? usageEdits(judged) : []),
  ];
  return splice(bytes, edits.toSorted(byPlace));
}
