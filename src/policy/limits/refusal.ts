import { never } from '../../core/assert.ts';
import type { Denied } from '../../core/outcome.ts';
import type { Shortage } from '../../core/ledger/hold.ts';
import type { CountedLimit } from './counters.ts';

/**
 * A limit that has no room, in the words and headers for the client: which kind of limit at which level, and when to come back. Never how
 * much others have used. `RateLimit` and `RateLimit-Policy` follow draft-ietf-httpapi-ratelimit-headers.
 */
export function limitReached({ limit, counter }: CountedLimit, { retryAfterMs }: Shortage): Denied {
  const { rule, level, subject } = limit;
  const name = rule.model === undefined || level === 'model' ? level : `${level}, for this model`;
  const detail = `${rule.kind} ${level} ${subject}`;
  if (retryAfterMs === undefined) {
    return denied('request_over_limit', detail, `The limit: ${rule.kind}${spanText(limit)}, level ${name}.`, [doNotRetry]);
  }
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  const fields: Headers = [
    ['ratelimit', `"${rule.kind}-${level}";r=0;t=${String(seconds)}`],
    ['ratelimit-policy', `"${rule.kind}-${level}";q=${String(counter.limit)}${windowText(limit)}`],
  ];
  return rule.kind === 'budget' && retryAfterMs > heldRetryMsMax
    ? // Both SDKs retry a 429 otherwise, and a budget's period lasts longer than anybody waits.
      denied('budget_exceeded', detail, `The budget: per ${rule.period}, level ${name}.`, [doNotRetry, ...fields])
    : denied('limit_exceeded', detail, `The limit: ${rule.kind}${spanText(limit)}, level ${name}${heldText(limit)}.`, [
        ['retry-after', String(seconds)],
        ...fields,
      ]);
}

/** A budget that is free again so soon is not used up: requests in progress hold it. */
const heldRetryMsMax = 1_000;

const heldText = ({ rule }: CountedLimit['limit']): string => (rule.kind === 'budget' ? ', held by requests in progress' : '');

type Headers = readonly (readonly [name: string, value: string])[];

const doNotRetry = ['x-should-retry', 'false'] as const;

const denied = (
  code: 'limit_exceeded' | 'budget_exceeded' | 'request_over_limit',
  detail: string,
  publicHint: string,
  headers: Headers,
): Denied => ({ kind: 'deny', denial: { code, detail, publicHint, headers } });

/** Over which time a limit counts, as words behind its kind: ` per 60 s`, ` at once`, ` per month`. */
export function spanText({ rule }: Pick<CountedLimit['limit'], 'rule'>): string {
  switch (rule.kind) {
    case 'requests':
    case 'tokens':
      return ` per ${String(rule.windowMs / 1_000)} s`;
    case 'concurrent':
      return ' at once';
    case 'budget':
      return ` per ${rule.period}`;
    default:
      return never(rule);
  }
}

const windowText = ({ rule }: CountedLimit['limit']): string => ('windowMs' in rule ? `;w=${String(rule.windowMs / 1_000)}` : '');
