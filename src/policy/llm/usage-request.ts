import { membersOf } from '../json/children.ts';
import type { Member } from '../json/document.ts';
import type { BodyOperation } from './fields.ts';

/**
 * How a body asks for usage in its stream: `given` = nothing is to be asked for (no stream, or an API whose streams always tell); `asked`
 * = the client did; else where it is to be written: a member of the body, the value of `stream_options`, a member inside it at `start`,
 * or the value of `include_usage`.
 */
export type UsageRequest =
  | { readonly kind: 'given' }
  | { readonly kind: 'asked' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unset'; readonly start: number; readonly end: number }
  | { readonly kind: 'without'; readonly start: number; readonly isEmpty: boolean }
  | { readonly kind: 'refused'; readonly start: number; readonly end: number };

const tells: ReadonlySet<BodyOperation> = new Set(['embeddings', 'responses', 'messages', 'count_tokens']);

export function readUsageRequest(bytes: Uint8Array, operation: BodyOperation, found: ReadonlyMap<string, Member>): UsageRequest {
  if (tells.has(operation) || found.get('stream')?.type !== 'true') {
    return { kind: 'given' };
  }
  const options = found.get('stream_options');
  if (options === undefined) {
    return { kind: 'absent' };
  }
  if (options.type !== 'object') {
    return { kind: 'unset', start: options.start, end: options.end };
  }
  const members = membersOf(bytes, options);
  const include = members.find((member) => member.key === 'include_usage');
  if (include === undefined) {
    return { kind: 'without', start: options.start + 1, isEmpty: members.length === 0 };
  }
  return include.type === 'true' ? { kind: 'asked' } : { kind: 'refused', start: include.start, end: include.end };
}
