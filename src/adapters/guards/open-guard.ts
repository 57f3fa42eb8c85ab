import { must, never } from '../../core/assert.ts';
import type { GuardKind } from '../../core/guard.ts';
import { guardUrl } from '../../core/guard-url.ts';
import { openClient, type Client, type GuardKey } from './client.ts';
import { classifierAnswerBytesMax, openClassifier } from './http-classifier.ts';
import type { Judge } from './judge.ts';
import { llamaAnswerBytesMax, openLlamaGuard } from './llama-guard.ts';
import { moderationAnswerBytesMax, openModeration } from './openai-moderation.ts';
import { judgeByFindings, openPresidio, presidioAnswerBytesMax, type Find } from './presidio.ts';

export interface GuardOptions {
  readonly name: string;
  readonly kind: GuardKind;
  /** A base URL; of the kind `http` the URL itself. */
  readonly url: string;
  /** The operator said that the URL may lead to a private or loopback address. */
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  /** Of all texts of one question. */
  readonly textBytesMax: number;
  /** Certificates to trust in place of the system's, PEM. */
  readonly ca: string | undefined;
  /** What is served now, if anything is; undefined where the guard asks for none. */
  readonly key: (() => GuardKey | undefined) | undefined;
  readonly model: string | undefined;
  readonly language: string | undefined;
  readonly entities: readonly string[] | undefined;
  readonly threshold: number | ReadonlyMap<string, number> | undefined;
  /** Labels that flag nothing. */
  readonly ignore: readonly string[];
}

export interface OpenGuard {
  readonly limits: Pick<GuardOptions, 'timeoutMs' | 'textBytesMax'>;
  readonly judge: Judge;
  /** Undefined where the guard has no findings in a text. */
  readonly find: Find | undefined;
  readonly close: () => void;
}

interface Protocol {
  readonly judge: Judge;
  readonly find?: Find;
}

/** Of each kind: what stands behind the base URL, and how much of an answer is read. */
const ENDPOINTS: Readonly<Record<GuardKind, { readonly path: string; readonly answerBytesMax: number }>> = {
  'llama-guard': { path: '/v1/chat/completions', answerBytesMax: llamaAnswerBytesMax },
  'openai-moderation': { path: '/v1/moderations', answerBytesMax: moderationAnswerBytesMax },
  presidio: { path: '/analyze', answerBytesMax: presidioAnswerBytesMax },
  http: { path: '', answerBytesMax: classifierAnswerBytesMax },
};

/** Throws `InvariantError` for what the settings check should have refused. */
export function openGuard(options: GuardOptions): OpenGuard {
  const { path, answerBytesMax } = ENDPOINTS[options.kind];
  const allowance = { allowLoopback: options.allowPrivate, allowPrivate: options.allowPrivate };
  const guarded = guardUrl(path === '' ? options.url : options.url.replace(/\/+$/, '') + path, allowance);
  must(guarded.kind === 'allowed', 'the settings check has refused unsafe URLs of guards');
  const client = openClient({ url: guarded.url, allowance, ca: options.ca, key: options.key, answerBytesMax });
  const { judge, find } = openProtocol(options, client);
  return {
    limits: options,
    judge,
    find,
    close: () => {
      client.close();
    },
  };
}

function openProtocol(options: GuardOptions, client: Client): Protocol {
  const { kind, model, language, threshold, entities } = options;
  const ignored = new Set(options.ignore);
  switch (kind) {
    case 'llama-guard':
      must(model !== undefined, 'this kind names a model');
      return { judge: openLlamaGuard({ client, model, ignored }) };
    case 'openai-moderation':
      must(model !== undefined, 'this kind names a model');
      return { judge: openModeration({ client, model, threshold, ignored }) };
    case 'presidio': {
      must(language !== undefined && typeof threshold === 'number', 'this kind names a language and a threshold');
      const find = openPresidio({ client, language, threshold, entities, ignored });
      return { judge: judgeByFindings(find), find };
    }
    case 'http':
      must(typeof threshold !== 'object', 'this kind has one threshold');
      return { judge: openClassifier({ client, threshold, ignored }) };
    default:
      return never(kind);
  }
}
