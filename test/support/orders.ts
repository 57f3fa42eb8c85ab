import type { SettingsInput } from '../../src/config/schema.ts';
import type { RecordedRequest } from '../../src/cli/demo/provider-answer.ts';
import type { Door } from './door.ts';

export type ProviderName = 'alpha' | 'beta' | 'gamma';

const names: readonly ProviderName[] = ['alpha', 'beta', 'gamma'];

/** Every order of one, two and three providers. */
export const ORDERS: readonly (readonly [ProviderName, ...ProviderName[]])[] = names.flatMap((first) => {
  const rest = names.filter((name) => name !== first);
  return [
    [first],
    ...rest.flatMap((second): [ProviderName, ...ProviderName[]][] => {
      const third = rest.find((name) => name !== second);
      return third === undefined
        ? []
        : [
            [first, second],
            [first, second, third],
          ];
    }),
  ] satisfies [ProviderName, ...ProviderName[]][];
});

/** The model whose targets are these providers in this order; `quick` ones wait only a moment for a first byte. */
export const modelOf = (order: readonly string[], quick = false): string => `${quick ? 'quick-' : ''}${order.join('-')}`;

/** Adds a model for every order, plain and quick. */
export function addOrderModels(settings: SettingsInput, firstByte: string): void {
  for (const order of ORDERS) {
    const targets = order.map((provider) => ({ provider, model: `${provider}-large` }));
    settings.models[modelOf(order)] = { targets };
    settings.models[modelOf(order, true)] = { targets, firstByte };
  }
}

/** What a provider got off the wire, all of it: two equal ones were the same bytes. */
export const wireOf = (request: RecordedRequest | undefined): object | undefined =>
  request === undefined
    ? undefined
    : {
        method: request.method,
        target: request.path,
        headers: request.headers,
        body: request.body.toString('latin1'),
        complete: request.complete,
      };

export interface ChatOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Members beside the model and the messages. */
  readonly more?: object;
  readonly text?: string;
  readonly signal?: AbortSignal;
}

/** A chat through the door, by plain `fetch`, so that nothing retries. */
export function postChat(door: Door, key: string, model: string, options: ChatOptions = {}): Promise<Response> {
  return fetch(`${door.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...options.headers },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: options.text ?? 'hello' }], ...options.more }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}
