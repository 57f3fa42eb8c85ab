import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { z } from 'zod';
import type { GuardOptions } from '../../src/adapters/guards/open-guard.ts';
import type { GuardKind } from '../../src/core/guard.ts';
import type { KeyPair } from './certificates.ts';
import { listen } from './identity-provider.ts';

/** What the servers take offence at. */
export const HARMFUL = 'bomb';

export interface AskedGuard {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** A server on a loopback port that speaks the protocol of every kind, each at its path, and whose answers a test can replace. */
export interface GuardServer extends AsyncDisposable {
  readonly url: string;
  /** Every question so far, in order. */
  readonly asked: readonly AskedGuard[];
  /** Connections so far. */
  readonly connections: () => number;
  /** Answers by `listener` from now on, once the question has been read; with `undefined` by itself again. */
  readonly answerBy: (listener: RequestListener | undefined) => void;
  /** Closes every connection that is open now, and goes on listening. */
  readonly dropConnections: () => void;
  readonly close: () => Promise<void>;
}

export async function startGuardServer(certificate?: KeyPair): Promise<GuardServer> {
  const asked: AskedGuard[] = [];
  let other: RequestListener | undefined;
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const body: unknown = JSON.parse(text);
      asked.push({ method: request.method, path: request.url, headers: request.headers, body });
      if (other === undefined) {
        response.setHeader('content-type', 'application/json').end(JSON.stringify(answerTo(request.url ?? '', body)));
      } else {
        other(request, response);
      }
    });
  };
  const server: Server = certificate === undefined ? createServer(listener) : createTlsServer(certificate, listener);
  server.on('connection', () => {
    connections += 1;
  });
  const port = await listen(server, 0);
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    url: certificate === undefined ? `http://127.0.0.1:${String(port)}` : `https://localhost:${String(port)}`,
    asked,
    connections: () => connections,
    answerBy: (next) => {
      other = next;
    },
    dropConnections: () => {
      server.closeAllConnections();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const chat = z.object({ messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1) });
const moderation = z.object({ input: z.array(z.string()).min(1) });
const analysis = z.object({ text: z.array(z.string()).min(1), language: z.string(), score_threshold: z.number() });
const classification = z.object({ input: z.string() });

function answerTo(path: string, body: unknown): unknown {
  switch (path) {
    case '/v1/chat/completions': {
      const last = chat.parse(body).messages.at(-1)?.content ?? '';
      return { choices: [{ index: 0, message: { role: 'assistant', content: last.includes(HARMFUL) ? '\n\nunsafe\nS9' : '\n\nsafe' } }] };
    }
    case '/v1/moderations':
      return { id: 'm', model: 'm', results: moderation.parse(body).input.map(moderate) };
    case '/analyze':
      return analysis.parse(body).text.map(analyze);
    default: {
      const isHarmful = classification.parse(body).input.includes(HARMFUL);
      return { flagged: isHarmful, score: isHarmful ? 0.9 : 0.1, labels: isHarmful ? ['weapons'] : [] };
    }
  }
}

function moderate(input: string): unknown {
  const isHarmful = input.includes(HARMFUL);
  return {
    flagged: isHarmful,
    categories: { violence: isHarmful, hate: false, illicit: null },
    category_scores: { violence: isHarmful ? 0.9 : 0.1, hate: 0.2, illicit: null },
    category_applied_input_types: { violence: ['text'], hate: ['text'] },
  };
}

/** Offsets in code points, as Python has them. */
function analyze(text: string): unknown {
  const unit = text.indexOf(HARMFUL);
  const start = Array.from(text.slice(0, unit)).length;
  return unit < 0 ? [] : [{ entity_type: 'WEAPON', start, end: start + HARMFUL.length, score: 0.9, analysis_explanation: null }];
}

/** What a kind needs beside its address. */
const OF_KIND: Readonly<Record<GuardKind, Partial<GuardOptions>>> = {
  'llama-guard': { model: 'llama-guard3' },
  'openai-moderation': { model: 'omni-moderation-latest' },
  presidio: { language: 'en', threshold: 0.4 },
  http: {},
};

/** A guard `safety` that may be on this machine, and whose limits are the settings' defaults. */
export const guardOptions = (kind: GuardKind, url: string, others: Partial<GuardOptions> = {}): GuardOptions => ({
  name: 'safety',
  kind,
  url: kind === 'http' ? `${url}/judge` : url,
  allowPrivate: true,
  timeoutMs: 5_000,
  textBytesMax: 1_048_576,
  ca: undefined,
  key: undefined,
  model: undefined,
  language: undefined,
  entities: undefined,
  threshold: undefined,
  ignore: [],
  ...OF_KIND[kind],
  ...others,
});
