import type { Buffer } from 'node:buffer';
import { PERSON } from '../../core/entity-list.ts';
import type { Caller } from '../../core/caller.ts';
import type { InjectionRule } from '../../core/injection.ts';
import type { Endpoint } from '../../core/operation.ts';
import type { Access } from '../../policy/access.ts';
import { judgeWords } from '../../policy/content/judge-injection.ts';
import { requestWords } from '../../policy/content/request-words.ts';
import { judgeReadable } from '../../policy/guards/judge-readable.ts';
import { judgeStream } from '../../policy/guards/judge-stream.ts';
import { guardsFor, type GuardRule } from '../../policy/guards/tables.ts';
import { judgeInjection } from '../../policy/injection/judge.ts';
import { injectionFor } from '../../policy/injection/rule-for.ts';
import { DEFAULT_BODY_LIMITS, judgeBody, type JudgedBody } from '../../policy/llm/body.ts';
import { describePlace } from '../../policy/llm/texts/site.ts';
import { maskRequest, type MaskObserver } from '../../policy/masking/mask-request.ts';
import { judgeMaskedSize } from '../../policy/masking/masked-size.ts';
import { planFor } from '../../policy/masking/masking.ts';
import { holderOf, openPlaceholders } from '../../policy/masking/placeholder.ts';
import type { Refusals } from './refusals.ts';
import type { ExplainSettings } from './settings.ts';

export interface ContentFacts {
  readonly caller: Caller;
  readonly access: Access;
  readonly endpoint: Endpoint;
  readonly bytes: Buffer;
  readonly judged: JudgedBody;
  /** What placeholders are made under. */
  readonly key: Uint8Array;
}

export interface ExplainedFinding {
  readonly place: string;
  readonly entity: string;
  readonly action: string;
  readonly count: number;
}

export interface ExplainedMasking {
  /** Entities that are looked for, with what is done. */
  readonly entities: Readonly<Record<string, string>>;
  readonly pass: readonly string[];
  readonly found: readonly ExplainedFinding[];
  /** Values come back in the answer. */
  readonly restores: boolean;
  /** The guard that would be asked for names of persons, too; it is not asked here. */
  readonly namesFrom: string | undefined;
}

/** A body as the provider may get it, before it is fitted to a target. */
export interface ReadBody {
  readonly bytes: Buffer;
  readonly judged: JudgedBody;
}

/** What would be hidden, and where. `content` is undefined where it is refused. */
export function explainMasking(
  settings: ExplainSettings,
  { caller, access, endpoint, bytes, judged, key }: ContentFacts,
  refusals: Refusals,
): { readonly masking: ExplainedMasking | undefined; readonly content: ReadBody | undefined } {
  const masking = settings.masking(access);
  const request = masking?.rule.request;
  if (masking === undefined) {
    return { masking: undefined, content: { bytes, judged } };
  }
  const seen = openSeen();
  const placeholderOf = openPlaceholders(key, holderOf(caller));
  const subject = { operation: judged.operation, bytes, plan: planFor(masking), placeholderOf, observer: seen.observer };
  const masked = refusals.take('masking', maskRequest(subject));
  const content = masked === undefined ? undefined : readAnew(settings, endpoint, { bytes, judged }, masked.body, refusals);
  return {
    content,
    masking: {
      entities: Object.fromEntries(request?.actions ?? []),
      pass: request?.pass ?? [],
      found: seen.found(),
      restores: request?.restore === true,
      namesFrom: request?.actions.has(PERSON) === true ? settings.nameFinder : undefined,
    },
  };
}

function readAnew(
  { bodyBytesMax }: ExplainSettings,
  endpoint: Endpoint,
  sent: ReadBody,
  bytes: Buffer,
  refusals: Refusals,
): ReadBody | undefined {
  if (bytes.equals(sent.bytes)) {
    return sent;
  }
  if (refusals.take('masking', judgeMaskedSize(bytes, bodyBytesMax)) === undefined) {
    return undefined;
  }
  const judged = refusals.take('masking', judgeBody(endpoint, bytes, DEFAULT_BODY_LIMITS));
  return judged && { bytes, judged };
}

function openSeen(): { readonly observer: MaskObserver; readonly found: () => readonly ExplainedFinding[] } {
  const seen = new Map<string, ExplainedFinding>();
  return {
    observer: {
      begin: () => {
        seen.clear();
      },
      found: ({ entity, action, place }) => {
        const at = describePlace(place);
        const name = JSON.stringify([at, entity, action]);
        seen.set(name, { place: at, entity, action, count: (seen.get(name)?.count ?? 0) + 1 });
      },
    },
    found: () => [...seen.values()],
  };
}

export interface ExplainedInjection {
  /** Undefined where nobody asks: what the signals say has no consequence then. */
  readonly rule: InjectionRule | undefined;
  readonly score: number;
  readonly families: readonly string[];
  readonly blockers: readonly string[];
}

export function explainInjection(
  settings: ExplainSettings,
  { access, bytes, judged }: ContentFacts,
  refusals: Refusals,
): ExplainedInjection {
  const { texts } = requestWords(judged.operation, bytes);
  const { score, signals, blockers } = judgeInjection(texts);
  const rule = injectionFor(settings.injection, access);
  if (rule !== undefined) {
    refusals.take('injection', judgeWords(rule, texts));
  }
  return {
    rule,
    score,
    families: [...new Set(signals.map(({ family }) => family))],
    blockers: [...new Set(blockers.map(({ kind }) => kind))],
  };
}

export interface ExplainedGuards {
  readonly request: readonly GuardRule[];
  readonly response: readonly GuardRule[];
  /** What becomes of a streamed answer; `window` = it is judged each time so many characters have come. Undefined where none is asked for. */
  readonly stream: 'passes' | 'held' | 'refused' | { readonly window: number } | undefined;
}

export function explainGuards(settings: ExplainSettings, { access, bytes, judged }: ContentFacts, refusals: Refusals): ExplainedGuards {
  const policies = access.flatMap(({ policy }) => policy ?? []);
  const [request, response] = [guardsFor(settings.guards, policies, 'request'), guardsFor(settings.guards, policies, 'response')];
  refusals.take('guards', judgeReadable(request, requestWords(judged.operation, bytes).unread));
  if (!judged.stream) {
    return { request, response, stream: undefined };
  }
  const judgement = refusals.take('guards', judgeStream(response), (guard) => `The guard is ${guard}.`);
  return { request, response, stream: judgement === undefined ? 'refused' : streamOf(judgement.window) };
}

function streamOf(window: number | undefined): ExplainedGuards['stream'] {
  return window === undefined ? 'passes' : Number.isFinite(window) ? { window } : 'held';
}
