import type { Header, RecordedRequest } from '../../src/cli/demo/provider-answer.ts';

/** What a provider does with a request instead of, or besides, answering it plainly. */
export type Behaviour =
  | { readonly kind: 'plain' }
  /** This status with this body, after the request was read. Objects are sent as JSON; `chunked` without a content-length. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string | Buffer | object;
      readonly headers?: readonly Header[];
      readonly chunked?: boolean;
    }
  /** Answers at once, reads nothing of the body itself; the connection stays open. */
  | { readonly kind: 'early'; readonly status: number; readonly body?: string | Buffer | object; readonly headers?: readonly Header[] }
  /** Reads the request and sends nothing; answers plainly when `until` resolves. */
  | { readonly kind: 'hang-before-headers'; readonly until?: Promise<unknown> }
  /** Sends the plain answer's head; its body when `until` resolves. */
  | { readonly kind: 'hang-after-headers'; readonly until?: Promise<unknown> }
  /** Sends the plain answer whole; ends it when `until` resolves. */
  | { readonly kind: 'hang-before-end'; readonly until?: Promise<unknown> }
  /** Sends this many chunks of the plain answer; the others when `until` resolves. */
  | { readonly kind: 'hang-mid-stream'; readonly afterChunks: number; readonly until?: Promise<unknown> }
  /** Each chunk of the plain answer waits for the gate. */
  | { readonly kind: 'gated'; readonly gate: Gate }
  /** This stream in the place of the plain answer; each event waits for the gate where there is one. */
  | { readonly kind: 'events'; readonly events: readonly string[]; readonly gate?: Gate }
  /** The plain answer with so much more text that its body, JSON or stream, has at least this many bytes. */
  | { readonly kind: 'large'; readonly bytes: number }
  /** After this many chunks of the plain answer the connection ends: by FIN or by RST. */
  | { readonly kind: 'close-mid-stream'; readonly afterChunks: number; readonly how: 'end' | 'reset' }
  /** The connection is reset as soon as the head of the request is here. */
  | { readonly kind: 'reset-at-arrival' }
  /** The connection is reset when the whole request was read. */
  | { readonly kind: 'reset-after-body' }
  /** The plain answer with more headers. */
  | { readonly kind: 'headers'; readonly headers: readonly Header[] }
  /** The plain answer, compressed where the request's accept-encoding offers gzip. */
  | { readonly kind: 'gzip' };

/** For which requests. `model` reads the request's body first; `when` sees the head alone. */
export interface Selection {
  /** Only so many requests; without it until taken back. */
  readonly times?: number;
  readonly model?: string;
  readonly when?: (request: RecordedRequest) => boolean;
}

export interface Gate {
  /** Lets this many more chunks pass. */
  readonly release: (count?: number) => void;
  /** Lets everything pass from now on. */
  readonly open: () => void;
  /** Resolves when the next chunk may pass, or when nobody is left to pass it to. */
  readonly pass: (gone: AbortSignal) => Promise<void>;
  /** How many chunks have passed. */
  readonly passed: () => number;
}

/** A gate that is shut. Chunks of all exchanges that share it pass one at a time. */
export function makeGate(): Gate {
  // A Set keeps the order of arrival and lets those who went away be taken out.
  const waiting = new Set<() => void>();
  let allowed = 0;
  let passed = 0;
  const drain = (): void => {
    for (const next of waiting) {
      if (allowed === 0) {
        return;
      }
      allowed -= 1;
      passed += 1;
      waiting.delete(next);
      next();
    }
  };
  const release = (count = 1): void => {
    allowed += count;
    drain();
  };
  return {
    release,
    open: () => {
      release(Infinity);
    },
    pass: (gone) =>
      new Promise((resolve) => {
        gone.addEventListener('abort', () => {
          waiting.delete(resolve);
          resolve();
        });
        waiting.add(resolve);
        drain();
      }),
    passed: () => passed,
  };
}

/** What real providers send beside an answer, and what must not reach a client of ours. */
export const TELLTALE_HEADERS: readonly Header[] = [
  ['set-cookie', '__cf_bm=canary-cookie-1; path=/; HttpOnly; Secure'],
  ['set-cookie', '_cfuvid=canary-cookie-2; path=/; HttpOnly; Secure'],
  ['openai-organization', 'org-canary'],
  ['openai-project', 'proj_canary'],
  ['anthropic-organization-id', 'org-canary-anthropic'],
  ['x-ratelimit-limit-requests', '10000'],
  ['x-ratelimit-remaining-tokens', '149999'],
  ['anthropic-ratelimit-requests-limit', '4000'],
  ['x-sallyport-x', 'canary-internal'],
  ['proxy-authenticate', 'Basic realm="canary"'],
  ['location', 'https://canary.example/'],
  ['refresh', '0; url=https://canary.example/'],
  ['alt-svc', 'h3="canary.example:443"; ma=86400'],
  ['clear-site-data', '"canary"'],
  ['nel', '{"report_to":"canary","max_age":604800}'],
  ['report-to', '{"group":"canary","max_age":604800,"endpoints":[{"url":"https://canary.example/"}]}'],
  ['reporting-endpoints', 'canary="https://canary.example/"'],
  ['strict-transport-security', 'max-age=31536000; includeSubDomains; canary'],
];
