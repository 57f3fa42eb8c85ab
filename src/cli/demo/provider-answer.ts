export type Header = readonly [name: string, value: string];

/** One request as it came off the wire. */
export interface RecordedRequest {
  /** 1 for the first request of this provider. */
  readonly sequence: number;
  readonly method: string;
  /** The raw request target, query included. */
  readonly path: string;
  /** In order of arrival, duplicates kept apart, names as sent. */
  readonly headers: readonly Header[];
  /** What was read of the body so far; a provider that answers early has read less than was sent. */
  readonly body: Buffer;
  /** True once the body was received to its end. */
  readonly complete: boolean;
  /** The same for two requests that shared a connection. */
  readonly connection: number;
  /** When the head had arrived, in milliseconds since the Unix epoch. */
  readonly arrivedMs: number;
  /** `cut`: the connection went away before the answer was written. */
  readonly outcome: 'open' | 'answered' | 'cut';
}

/** An answer as data, so that one writer can send it at any pace. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: { readonly kind: 'whole'; readonly bytes: Buffer } | { readonly kind: 'chunks'; readonly chunks: readonly Buffer[] };
}

/** Who may call a provider, and for which models. */
export interface Account {
  readonly keys: ReadonlySet<string>;
  readonly models: readonly string[];
}

/** What an answer needs to know of the request besides its body. */
export interface Call {
  readonly id: string;
  /** Unix time in seconds. */
  readonly createdS: number;
  readonly headers: readonly Header[];
}

export function json(status: number, value: unknown, headers: readonly Header[] = []): Answer {
  return whole(status, 'application/json', Buffer.from(JSON.stringify(value)), headers);
}

export function whole(status: number, contentType: string, bytes: Buffer, headers: readonly Header[] = []): Answer {
  return {
    status,
    headers: [['content-type', contentType], ['content-length', String(bytes.length)], ...headers],
    body: { kind: 'whole', bytes },
  };
}

/** Server-sent events, one chunk of the answer each. */
export function eventStream(events: readonly string[], headers: readonly Header[] = []): Answer {
  return {
    status: 200,
    headers: [['content-type', 'text/event-stream; charset=utf-8'], ['cache-control', 'no-cache'], ...headers],
    body: { kind: 'chunks', chunks: events.map((event) => Buffer.from(event)) },
  };
}

/** One event without a name, as OpenAI's chat streams have it. */
export function dataEvent(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** One event whose name repeats the `type` of its data, as OpenAI's responses and Anthropic's messages have it. */
export function namedEvent(data: { readonly type: string }): string {
  return `event: ${data.type}\n${dataEvent(data)}`;
}

/** The value of the one header of this name; `undefined` where there is none or more than one. */
export function singleHeader(headers: readonly Header[], name: string): string | undefined {
  const values = headers.filter(([candidate]) => candidate.toLowerCase() === name);
  return values.length === 1 ? values[0]?.[1] : undefined;
}

/** The token of the one `Authorization: Bearer`. */
export function bearerToken(headers: readonly Header[]): string | undefined {
  return /^Bearer (.+)$/iu.exec(singleHeader(headers, 'authorization') ?? '')?.[1];
}
