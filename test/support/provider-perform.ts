import { once } from 'node:events';
import type { Socket } from 'node:net';
import { constants, createGzip, gzipSync } from 'node:zlib';
import type { ServerResponse } from 'node:http';
import { send, type Exchange } from '../../src/cli/demo/local-provider.ts';
import { eventStream, json, whole, type Answer, type Header } from '../../src/cli/demo/provider-answer.ts';
import type { Behaviour } from './provider-behaviour.ts';
import { until } from './wait.ts';

type Performer<Kind extends Behaviour['kind']> = (behaviour: Extract<Behaviour, { kind: Kind }>, exchange: Exchange) => Promise<void>;

const flushDeadlineMs = 5_000;

const performers: { readonly [Kind in Behaviour['kind']]: Performer<Kind> } = {
  plain: async (_, { response, answer }) => send(response, await answer()),
  status: async (behaviour, { response, answer }) => {
    await answer();
    await send(response, behaviour.chunked === true ? withoutLength(fixed(behaviour)) : fixed(behaviour));
  },
  early: (behaviour, { response }) => send(response, fixed(behaviour)),
  'hang-before-headers': async ({ until: released }, { response, answer }) => {
    const plain = await answer();
    await (released ?? once(response, 'close'));
    await send(response, plain);
  },
  'hang-after-headers': async ({ until: released }, { response, answer }) => {
    await sendWithPause(response, inChunks(await answer()), 0, released);
  },
  'hang-mid-stream': async ({ afterChunks, until: released }, { response, answer }) => {
    await sendWithPause(response, inChunks(await answer()), afterChunks, released);
  },
  'hang-before-end': async ({ until: released }, { response, answer }) => {
    const { status, headers, body } = inChunks(await answer());
    const chunks = body.kind === 'chunks' ? body.chunks : [];
    // Nothing is written of an empty chunk; it only puts off the end.
    const put = { status, headers, body: { kind: 'chunks', chunks: [...chunks, Buffer.alloc(0)] } } as const;
    await sendWithPause(response, put, chunks.length, released);
  },
  gated: async ({ gate }, { response, answer }) => {
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    await send(response, inChunks(await answer()), () => gate.pass(gone.signal));
  },
  events: async ({ events, gate }, { response, answer }) => {
    await answer();
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    await send(response, eventStream(events), gate === undefined ? undefined : () => gate.pass(gone.signal));
  },
  large: async ({ bytes }, { response, answer }) => send(response, enlarge(await answer(), bytes)),
  'close-mid-stream': async ({ afterChunks, how }, { response, answer }) => {
    await send(response, inChunks(await answer()), (index) => (index < afterChunks ? Promise.resolve() : cut(response, how)));
  },
  'reset-at-arrival': (_, { response }) => cut(response, 'reset'),
  'reset-after-body': async (_, { response, answer }) => {
    await answer();
    await cut(response, 'reset');
  },
  headers: async ({ headers }, { response, answer }) => {
    const plain = await answer();
    await send(response, { ...plain, headers: [...plain.headers, ...headers] });
  },
  gzip: async (_, { request, response, answer }) => {
    const offered = request.headers.some(([name, value]) => name.toLowerCase() === 'accept-encoding' && /\bgzip\b/iu.test(value));
    const plain = await answer();
    await send(response, offered ? await compress(plain) : plain);
  },
};

export function perform<Kind extends Behaviour['kind']>(behaviour: Extract<Behaviour, { kind: Kind }>, exchange: Exchange): Promise<void> {
  return performers[behaviour.kind](behaviour, exchange);
}

/** Waits once, before the chunk with this index. */
async function sendWithPause(response: ServerResponse, answer: Answer, at: number, released: Promise<unknown> | undefined): Promise<void> {
  await send(response, answer, async (index) => {
    if (index === at) {
      await (released ?? once(response, 'close'));
    }
  });
}

interface Fixed {
  readonly status: number;
  readonly body?: string | Buffer | object;
  readonly headers?: readonly Header[];
}

function fixed({ status, body = '', headers = [] }: Fixed): Answer {
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    return whole(status, 'text/plain', Buffer.from(body), headers);
  }
  return json(status, body, headers);
}

/** The same answer with an end that only its framing tells. */
function withoutLength({ status, headers, body }: Answer): Answer {
  const chunks = body.kind === 'chunks' ? body.chunks : [body.bytes];
  return { status, headers: headers.filter(([name]) => name !== 'content-length'), body: { kind: 'chunks', chunks } };
}

/** A whole body in two halves, so that something can happen between them. */
function inChunks({ status, headers, body }: Answer): Answer {
  if (body.kind === 'chunks') {
    return { status, headers, body };
  }
  const middle = Math.ceil(body.bytes.length / 2);
  return { status, headers, body: { kind: 'chunks', chunks: [body.bytes.subarray(0, middle), body.bytes.subarray(middle)] } };
}

function enlarge(answer: Answer, bytes: number): Answer {
  const { status, body } = answer;
  if (body.kind === 'chunks') {
    // The first piece of text, again and again: sequence numbers repeat, and no reader minds.
    const at = body.chunks.findIndex((chunk) => chunk.includes('"You said'));
    const piece = body.chunks[at] ?? Buffer.from(': padding\n\n');
    const more = Array.from({ length: Math.ceil(bytes / piece.length) }, () => piece);
    return { ...answer, body: { kind: 'chunks', chunks: [...body.chunks.slice(0, at + 1), ...more, ...body.chunks.slice(at + 1)] } };
  }
  const longer: unknown = JSON.parse(body.bytes.toString('utf8'), (_, value: unknown) =>
    typeof value === 'string' && value.startsWith('You said: ') ? value + 'x'.repeat(bytes) : value,
  );
  const rest = answer.headers.filter(([name]) => name !== 'content-type' && name !== 'content-length');
  return whole(status, 'application/json', Buffer.from(JSON.stringify(longer).padEnd(bytes)), rest);
}

/** Ends the connection after what was written has left this process, and resolves when it is gone. */
async function cut(response: ServerResponse, how: 'end' | 'reset'): Promise<void> {
  const { socket } = response;
  if (socket === null || socket.destroyed) {
    return;
  }
  const closed = once(response, 'close');
  await until(() => socket.destroyed || socket.writableLength === 0, {
    deadlineMs: flushDeadlineMs,
    what: 'the reader to take what was sent',
  });
  if (how === 'end') {
    socket.destroySoon();
  } else {
    reset(socket);
  }
  await closed;
}

function reset(socket: Socket): void {
  // Below TLS there is no way to ask for a reset; without close_notify the end is as abrupt.
  if ('encrypted' in socket) {
    socket.destroy();
  } else {
    socket.resetAndDestroy();
  }
}

async function compress(answer: Answer): Promise<Answer> {
  const { status, body } = answer;
  const headers: readonly Header[] = [...answer.headers.filter(([name]) => name !== 'content-length'), ['content-encoding', 'gzip']];
  if (body.kind === 'whole') {
    const bytes = gzipSync(body.bytes);
    return { status, headers: [...headers, ['content-length', String(bytes.length)]], body: { kind: 'whole', bytes } };
  }
  return { status, headers, body: { kind: 'chunks', chunks: await compressChunks(body.chunks) } };
}

/** One gzip stream, flushed after each chunk so that each can be read as it comes. */
async function compressChunks(chunks: readonly Buffer[]): Promise<readonly Buffer[]> {
  const gzip = createGzip();
  const out: Buffer[] = [];
  gzip.on('data', (part: Buffer) => out.push(part));
  const compressed: Buffer[] = [];
  for (const chunk of chunks) {
    gzip.write(chunk);
    await new Promise<void>((resolve) => {
      gzip.flush(constants.Z_SYNC_FLUSH, resolve);
    });
    compressed.push(Buffer.concat(out.splice(0)));
  }
  const ended = once(gzip, 'end');
  gzip.end();
  await ended;
  return [...compressed, Buffer.concat(out)];
}
