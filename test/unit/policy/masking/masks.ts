import { Buffer } from 'node:buffer';
import { must } from '../../../../src/core/assert.ts';
import type { MaskAction, MaskingRule, PassKind } from '../../../../src/core/masking.ts';
import type { Outcome } from '../../../../src/core/outcome.ts';
import type { BodyOperation } from '../../../../src/policy/llm/fields.ts';
import type { AnswerSubject } from '../../../../src/policy/masking/answer-filters.ts';
import { maskRequest, type MaskedRequest } from '../../../../src/policy/masking/mask-request.ts';
import { maskingOf, planFor } from '../../../../src/policy/masking/masking.ts';
import { openPlaceholders } from '../../../../src/policy/masking/placeholder.ts';

type Actions = Readonly<Record<string, MaskAction>>;

interface Asked {
  readonly request?: Actions;
  readonly response?: Actions;
  readonly pass?: readonly PassKind[];
  readonly restore?: boolean;
}

export const ruleOf = ({ request, response, pass = [], restore = true }: Asked): MaskingRule => ({
  request: request === undefined ? undefined : { actions: new Map(Object.entries(request)), pass, restore },
  response: response === undefined ? undefined : { actions: new Map(Object.entries(response)), pass, trustedHosts: [] },
});

/** The placeholders of one holder under one key. */
export const placeholderOf = openPlaceholders(Buffer.alloc(32, 7), 'holder');

export const bytesOf = (body: object): Buffer => Buffer.from(JSON.stringify(body));
export const chat = (content: unknown, more: object = {}): Buffer =>
  bytesOf({ model: 'm', messages: [{ role: 'user', content }], ...more });

export const maskedBy = (rule: MaskingRule, bytes: Buffer, operation: BodyOperation = 'chat'): Outcome<MaskedRequest> =>
  maskRequest({ operation, bytes, plan: planFor(maskingOf(rule)), placeholderOf });

export function found<Found>(outcome: Outcome<Found>): Found {
  must(outcome.kind === 'next', 'nothing is refused here');
  return outcome.found;
}

/** A denial's code and what its client is told; undefined where nothing is denied. */
export const denied = (outcome: Outcome<unknown>): readonly [string, string] | undefined =>
  outcome.kind === 'deny' ? [outcome.denial.code, outcome.denial.publicHint ?? ''] : undefined;

export const subjectOf = (
  response: Actions | undefined,
  more: Partial<AnswerSubject> & { readonly pass?: readonly PassKind[] } = {},
): AnswerSubject => ({
  plan: planFor(maskingOf(ruleOf({ ...(response === undefined ? {} : { response }), pass: more.pass ?? [] }))).response,
  placeholders: more.placeholders ?? new Map(),
  said: more.said ?? new Set(),
});
