import type { Header } from '../core/request.ts';

/** In the client's own words. */
const SPOKEN: ReadonlySet<string> = new Set([
  'accept',
  'user-agent',
  'idempotency-key',
  'openai-beta',
  'anthropic-version',
  'anthropic-beta',
]);

/** What a provider needs of a client's request. */
const NEEDED: ReadonlySet<string> = new Set([
  ...SPOKEN,
  'content-length',
  'content-type',
  // Framing and identity of the request within Envoy, which takes them away itself before the provider.
  'host',
  'transfer-encoding',
  'x-request-id',
]);

/** What SDKs say of themselves; what Envoy adds for itself and its upstream filters remove. */
const isNeededFamily = (name: string): boolean =>
  name.startsWith(':') || name.startsWith('x-stainless-') || name.startsWith('x-envoy-') || name.startsWith('x-forwarded-');

/** Of the headers that a provider gets those that say something of the client's own. */
export const spokenHeaders = (headers: readonly Header[]): readonly Header[] =>
  headers.filter(({ name }) => SPOKEN.has(name) || name.startsWith('x-stainless-'));

/**
 * The headers of a request that no provider gets. An allow-list: gateways in front of providers take orders by header (another
 * host, another account, tags), and our key would go where a client's header says.
 */
export function unforwardedHeaders(headers: readonly Header[]): readonly string[] {
  const unwanted: string[] = [];
  for (const { name } of headers) {
    if (!NEEDED.has(name) && !isNeededFamily(name) && !unwanted.includes(name)) {
      unwanted.push(name);
    }
  }
  return unwanted;
}
