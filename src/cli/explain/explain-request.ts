import type { Buffer } from 'node:buffer';
import type { Caller } from '../../core/caller.ts';
import type { Endpoint } from '../../core/operation.ts';
import { judgeAccess, judgeNetwork, judgeOperation, type Access, type KeyScope } from '../../policy/access.ts';
import { judgeBodySize } from '../../policy/body-size.ts';
import { judgeModelOrder } from '../../policy/judge-model-order.ts';
import { DEFAULT_BODY_LIMITS, judgeBody, type JudgedBody } from '../../policy/llm/body.ts';
import { judgeEndpoint, queryOf } from '../../policy/llm/endpoint.ts';
import { rewriteBody } from '../../policy/llm/rewrite-body.ts';
import type { Order } from '../../policy/order.ts';
import {
  explainGuards,
  explainInjection,
  explainMasking,
  type ExplainedGuards,
  type ExplainedInjection,
  type ExplainedMasking,
} from './content.ts';
import { explainLimits, type ExplainedLimits } from './limits.ts';
import { openRefusals, type Refusal, type Refusals } from './refusals.ts';
import type { ExplainModel, ExplainSettings } from './settings.ts';

export interface ExplainQuestion {
  readonly caller: Caller;
  /** The policy of the caller's key. */
  readonly keyPolicy: string | undefined;
  readonly path: string;
  readonly bytes: Buffer;
  /** What placeholders are made under, for this one time. */
  readonly key: Uint8Array;
}

/** What this gateway would do with a request, step by step. Undefined = it would not come so far, or it cannot be told. */
export interface Explanation {
  /** In the order in which the gateway comes to them; empty where the request would be released. */
  readonly refusals: readonly Refusal[];
  readonly policies?: readonly string[] | undefined;
  /** In one of each list the caller's address must lie. */
  readonly networks?: readonly (readonly string[])[] | undefined;
  readonly endpoint?: Pick<Endpoint, 'operation' | 'api' | 'path'> | undefined;
  readonly model?: ExplainedModel | undefined;
  readonly masking?: ExplainedMasking | undefined;
  readonly injection?: ExplainedInjection | undefined;
  readonly guards?: ExplainedGuards | undefined;
  readonly answer?: ExplainedAnswer | undefined;
  readonly limits?: ExplainedLimits | undefined;
  /** As the provider would get it; undefined where it would get nothing. */
  readonly body?: string | undefined;
}

export interface ExplainedModel {
  /** Undefined for a name that the settings do not declare: it is the client's own text. */
  readonly name: string | undefined;
  /** In their order, as if all were live. */
  readonly targets: readonly { readonly provider: string; readonly model: string; readonly path: string }[];
  readonly needsApproval: boolean;
}

/** What is looked for in the answer. */
export interface ExplainedAnswer {
  readonly entities: Readonly<Record<string, string>>;
  readonly pass: readonly string[];
  readonly trustedHosts: readonly string[];
}

/** The steps of a decision in their order. Later ones are explained beside a refusal where they can be. */
export function explainRequest(settings: ExplainSettings, question: ExplainQuestion): Explanation {
  const refusals = openRefusals();
  const { caller, keyPolicy } = question;
  const access = refusals.take('access', judgeAccess(caller, scopeOf(keyPolicy), settings.access), (detail) => `Here: ${detail}.`);
  if (access === undefined) {
    return { refusals: refusals.all };
  }
  if (caller.address !== undefined) {
    refusals.take('access', judgeNetwork(access, caller.address));
  }
  const policies = access.flatMap(({ policy }) => policy ?? []);
  const bounds = { policies, networks: access.flatMap(({ networks }) => (networks === undefined ? [] : [networks])) };
  const endpoint = refusals.take('endpoint', judgeEndpoint('POST', question.path));
  if (endpoint === undefined) {
    return { refusals: refusals.all, ...bounds };
  }
  refusals.take('endpoint', judgeOperation(access, endpoint.operation));
  const read = { ...bounds, endpoint: { operation: endpoint.operation, api: endpoint.api, path: endpoint.path } };
  const size = judgeBodySize(question.bytes.length, settings.bodyBytesMax);
  const judged = refusals.take('body', size.kind === 'next' ? judgeBody(endpoint, question.bytes, DEFAULT_BODY_LIMITS) : size);
  return judged === undefined
    ? { refusals: refusals.all, ...read }
    : { ...read, ...explainJudged(settings, question, { access, endpoint, judged }, refusals), refusals: refusals.all };
}

const scopeOf = (policy: string | undefined): KeyScope => ({ policy, models: undefined, operations: undefined, networks: undefined });

interface Known {
  readonly access: Access;
  readonly endpoint: Endpoint;
  readonly judged: JudgedBody;
}

function explainJudged(
  settings: ExplainSettings,
  question: ExplainQuestion,
  known: Known,
  refusals: Refusals,
): Omit<Explanation, 'refusals'> {
  const { access, endpoint, judged } = known;
  const { caller, keyPolicy, bytes, key } = question;
  const isDeclared = settings.access.declared.has(judged.model);
  const found = refusals.take('model', judgeModel(settings, question, known), (detail) => (isDeclared ? `Here: ${detail}.` : ''));
  const facts = { caller, access, endpoint, bytes, judged, key };
  const { masking, content } = explainMasking(settings, facts, refusals);
  const guards = explainGuards(settings, facts, refusals);
  const injection = explainInjection(settings, facts, refusals);
  const limits =
    found === undefined || content === undefined
      ? undefined
      : explainLimits(settings, { caller, keyPolicy, model: found.model, judged: content.judged, attempts: found.order }, refusals);
  const tellUsage = limits?.inputTokensMax !== undefined;
  return {
    model: modelOf(isDeclared ? judged.model : undefined, found),
    masking,
    injection,
    guards,
    answer: answerOf(settings, access),
    limits,
    body:
      found === undefined || content === undefined || refusals.all.length > 0
        ? undefined
        : rewriteBody(content.bytes, content.judged, { model: found.order[0].model, cap: found.model.cap, tellUsage }).toString('utf8'),
  };
}

const judgeModel = (settings: ExplainSettings, { path }: ExplainQuestion, { access, endpoint, judged }: Known) =>
  judgeModelOrder({
    access,
    tables: settings.access,
    models: settings.models,
    name: judged.model,
    providers: settings.providers,
    api: endpoint.api,
    path: `${endpoint.path}${queryOf(path)}`,
    isLive: () => true,
  });

const modelOf = (name: string | undefined, found: { readonly model: ExplainModel; readonly order: Order } | undefined): ExplainedModel => ({
  name,
  targets: (found?.order ?? []).map(({ cluster, model, path }) => ({ provider: cluster, model, path })),
  needsApproval: found?.model.needsApproval === true,
});

function answerOf(settings: ExplainSettings, access: Access): ExplainedAnswer | undefined {
  const rule = settings.masking(access)?.rule.response;
  return rule && { entities: Object.fromEntries(rule.actions), pass: rule.pass, trustedHosts: rule.trustedHosts };
}
