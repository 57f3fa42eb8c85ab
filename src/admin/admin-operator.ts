import type { OperatorRecord } from '../core/operator.ts';
import { judgeKey } from '../policy/key-state.ts';
import { parseOperatorToken } from '../policy/operator-token.ts';
import { refuse, type AdminRefusal } from './admin-answer.ts';
import type { AdminSource } from './admin-source.ts';

export type Proven = { readonly kind: 'proven'; readonly record: OperatorRecord } | AdminRefusal;

/** RFC 6750 section 2.1: the scheme, one space, one token. */
const bearerPattern = /^bearer ([\x21-\x7e]+)$/i;

/**
 * Which operator is calling, by the one token of the call. It is looked up in the store itself every time, so a revoked token is refused at
 * once. `headers` are the raw ones, name after value: of a header that came twice Node would keep the first and say nothing.
 */
export async function proveOperator(source: AdminSource, headers: readonly string[], nowMs: number): Promise<Proven> {
  const values = headers.filter((_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === 'authorization');
  const [value, second] = values;
  if (value === undefined || second !== undefined) {
    return refuse(value === undefined ? 'credential_missing' : 'credential_ambiguous');
  }
  const token = bearerPattern.exec(value)?.[1] ?? '';
  const id = parseOperatorToken(token);
  if (id === undefined) {
    return refuse('credential_invalid');
  }
  const digest = source.digest(token);
  if (digest === undefined) {
    return refuse('pepper_unknown');
  }
  return judgeRecord(await source.store.findOperator(id), digest, nowMs);
}

function judgeRecord(record: OperatorRecord | undefined, digest: string, nowMs: number): Proven {
  const state = record && { record, digests: [record.digest], expiresAtMs: record.expiresAtMs, revokedAtMs: record.revokedAtMs };
  const judged = judgeKey(state, digest, nowMs);
  if (judged.kind === 'next') {
    return { kind: 'proven', record: judged.found.record };
  }
  const code = judged.kind === 'deny' ? judged.denial.code : undefined;
  return refuse(code === 'credential_expired' || code === 'credential_revoked' ? code : 'credential_invalid');
}
