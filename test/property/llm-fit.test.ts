import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/core/assert.ts';
import { ENDPOINTS } from '../../src/core/operation.ts';
import { DEFAULT_BODY_LIMITS, judgeBody } from '../../src/policy/llm/body.ts';
import type { JudgedBody } from '../../src/policy/llm/body.ts';
import type { CapRule } from '../../src/policy/llm/cap-output.ts';
import { CAP_FIELDS } from '../../src/policy/llm/caps.ts';
import { rewriteBody } from '../../src/policy/llm/rewrite-body.ts';
import type { Fit } from '../../src/policy/llm/rewrite-body.ts';
import { worstCase } from '../../src/policy/llm/worst-case.ts';

const endpoint = fc.constantFrom(...ENDPOINTS.filter((known) => known.operation !== 'models'));
type Body = Readonly<Record<string, unknown>>;

const tokens = fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.constant(null));
const options = fc.constantFrom<unknown>(
  null,
  {},
  { a: 1 },
  { include_usage: true },
  { include_usage: false, a: 1 },
  { include_usage: null },
);
const some = fc.record(
  {
    max_tokens: tokens,
    max_completion_tokens: tokens,
    max_output_tokens: tokens,
    stream: fc.boolean(),
    stream_options: options,
    seed: fc.nat(),
  },
  { requiredKeys: [] },
);
const needed = { model: 'm', messages: [{ role: 'user', content: 'a' }], prompt: 'a', input: 'a' };
const body: fc.Arbitrary<Body> = fc.tuple(some, fc.nat(), fc.constantFrom('', ' ', '\n  ')).map(([members, turn]) => {
  const all = [...Object.entries(needed), ...Object.entries(members)];
  return Object.fromEntries([...all.slice(turn % all.length), ...all.slice(0, turn % all.length)]);
});

const fits: fc.Arbitrary<Fit & { readonly cap: CapRule }> = fc.record({
  model: fc.constantFrom('m', 'their "model"'),
  cap: fc.record({
    default: fc.option(fc.integer({ min: 1, max: 4_096 }), { nil: undefined }),
    max: fc.integer({ min: 1, max: 8_192 }),
    chatField: fc.constantFrom('max_completion_tokens' as const, 'max_tokens' as const),
  }),
  tellUsage: fc.boolean(),
});

function judge(which: (typeof ENDPOINTS)[number], bytes: Uint8Array): JudgedBody | undefined {
  const outcome = judgeBody(which, bytes, DEFAULT_BODY_LIMITS);
  return outcome.kind === 'next' ? outcome.found : undefined;
}

function mustJudge(which: (typeof ENDPOINTS)[number], bytes: Uint8Array): JudgedBody {
  const judged = judge(which, bytes);
  must(judged !== undefined, 'a fitted body is accepted');
  return judged;
}

/** The same changes, made to the parsed body. */
function expected(judged: JudgedBody, parsed: Body, how: Fit & { readonly cap: CapRule }): Body {
  const changed: Record<string, unknown> = { ...parsed, model: how.model };
  const names = CAP_FIELDS[judged.operation];
  const field = judged.operation === 'chat' ? how.cap.chatField : names[0];
  const stated = names.map((name) => parsed[name]).find((value) => typeof value === 'number');
  const asked = typeof stated === 'number' ? stated : how.cap.default;
  if (field !== undefined && asked !== undefined) {
    for (const name of names.filter((other) => other !== field && other in parsed)) {
      if (field in parsed) {
        changed[name] = null;
      } else {
        delete changed[name];
      }
    }
    changed[field] = Math.min(asked, how.cap.max);
  }
  const isAskable = judged.operation === 'chat' || judged.operation === 'completions';
  if (how.tellUsage === true && isAskable && parsed['stream'] === true) {
    const before = parsed['stream_options'];
    changed['stream_options'] = { ...(typeof before === 'object' ? before : {}), include_usage: true };
  }
  return changed;
}

describe('fitting a body', () => {
  it('changes these members and no others, and once', () => {
    let fitted = 0;
    fc.assert(
      fc.property(endpoint, body, fc.constantFrom(undefined, 1), fits, (which, parsed, indent, how) => {
        const bytes = Buffer.from(JSON.stringify(parsed, undefined, indent));
        const judged = judge(which, bytes);
        if (judged === undefined) {
          return;
        }
        fitted += 1;
        const first = rewriteBody(bytes, judged, how);
        expect(JSON.parse(first.toString('utf8'))).toEqual(expected(judged, parsed, how));
        const again = rewriteBody(first, mustJudge(which, first), how);
        expect(again.equals(first)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    must(fitted > 1_000, `the samples reach the fitting: ${String(fitted)}`);
  });

  it('makes the worst case true: no cap of the fitted body is above what was held', () => {
    fc.assert(
      fc.property(endpoint, body, fits, (which, parsed, how) => {
        const bytes = Buffer.from(JSON.stringify(parsed));
        const judged = judge(which, bytes);
        const worst = judged === undefined ? undefined : worstCase(judged, how.cap, new Map());
        if (judged === undefined || worst?.kind !== 'bounded' || CAP_FIELDS[judged.operation].length === 0) {
          return;
        }
        const after = mustJudge(which, rewriteBody(bytes, judged, how));
        expect((after.maxOutputTokens ?? Number.POSITIVE_INFINITY) * after.choices).toBe(worst.outputTokens);
        expect(worst.inputTokens).toBeGreaterThanOrEqual(bytes.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives a later target the bytes of a first one (failover)', () => {
    fc.assert(
      fc.property(endpoint, body, fits, fits, (which, parsed, one, other) => {
        const bytes = Buffer.from(JSON.stringify(parsed));
        const judged = judge(which, bytes);
        if (judged === undefined) {
          return;
        }
        const second = { ...other, cap: { ...one.cap, chatField: other.cap.chatField }, tellUsage: one.tellUsage };
        const first = rewriteBody(bytes, judged, one);
        const detour = rewriteBody(first, mustJudge(which, first), second);
        expect(detour.toString('utf8')).toBe(rewriteBody(bytes, judged, second).toString('utf8'));
      }),
      { numRuns: 2_000 },
    );
  });
});
