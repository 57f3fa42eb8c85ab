import type { Socket } from 'node:net';
import {
  close,
  createLocalProvider,
  listen,
  providerUrl,
  type Exchange,
  type LocalProviderOptions,
} from '../../src/cli/demo/local-provider.ts';
import type { RecordedRequest } from '../../src/cli/demo/provider-answer.ts';
import type { Behaviour, Selection } from './provider-behaviour.ts';
import { perform } from './provider-perform.ts';
import { until } from './wait.ts';

const requestsKept = 200_000;
const arrivalDeadlineMs = 10_000;

/** What came over the wire since the start: equal before and after means that nothing arrived. */
interface Traffic {
  readonly connections: number;
  /** Bytes read from all connections, TLS records and handshakes included. */
  readonly bytes: number;
  readonly requests: number;
}

export interface TestProvider extends AsyncDisposable {
  /** With the base path, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly RecordedRequest[];
  readonly setKeys: (key: string | readonly string[]) => void;
  /** From now on; a later call goes before earlier ones. Returns a function that takes it back. */
  readonly behave: (behaviour: Behaviour, selection?: Selection) => () => void;
  /** Plain again. What already hangs goes on hanging. */
  readonly reset: () => void;
  /** Cuts all connections and refuses new ones until `accept`. */
  readonly refuse: () => Promise<void>;
  /** Listens again, on the same port. */
  readonly accept: () => Promise<void>;
  readonly traffic: () => Traffic;
  /** The request with this number, 1 for the first, as soon as its head is here. */
  readonly arrival: (sequence: number) => Promise<RecordedRequest>;
  readonly close: () => Promise<void>;
}

interface Rule {
  readonly behaviour: Behaviour;
  readonly selection: Selection;
  left: number;
}

/** The local provider of the demo, with faults on demand. */
export async function startTestProvider(options: LocalProviderOptions): Promise<TestProvider> {
  let rules: readonly Rule[] = [];
  const { server, requests, setKeys } = createLocalProvider({
    requestsKept,
    ...options,
    onRequest: async (exchange) => perform(await choose(rules, exchange), exchange),
  });
  const meter = countTraffic(server);
  const port = await listen(server, 0);
  const shut = async (): Promise<void> => {
    if (server.listening) {
      await close(server);
    }
  };
  return {
    url: providerUrl(options, port),
    port,
    requests,
    setKeys,
    behave: (behaviour, selection = {}) => {
      const rule: Rule = { behaviour, selection, left: selection.times ?? Infinity };
      rules = [rule, ...rules];
      return () => {
        rules = rules.filter((candidate) => candidate !== rule);
      };
    },
    reset: () => {
      rules = [];
    },
    refuse: shut,
    accept: async () => {
      await listen(server, port);
    },
    traffic: () => ({ ...meter(), requests: requests.at(-1)?.sequence ?? 0 }),
    arrival: (sequence) =>
      until(() => requests.find((request) => request.sequence === sequence), {
        deadlineMs: arrivalDeadlineMs,
        what: `request ${String(sequence)} to reach the provider`,
      }),
    close: shut,
    [Symbol.asyncDispose]: shut,
  };
}

function countTraffic(
  server: ReturnType<typeof createLocalProvider>['server'],
): () => { readonly connections: number; readonly bytes: number } {
  const open = new Set<Socket>();
  let connections = 0;
  let closedBytes = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      closedBytes += socket.bytesRead;
    });
  });
  return () => ({ connections, bytes: closedBytes + Array.from(open).reduce((sum, socket) => sum + socket.bytesRead, 0) });
}

async function choose(rules: readonly Rule[], exchange: Exchange): Promise<Behaviour> {
  for (const rule of rules) {
    if ((await applies(rule.selection, exchange)) && take(rule)) {
      return rule.behaviour;
    }
  }
  return { kind: 'plain' };
}

/** False when the rule is used up. */
function take(rule: Rule): boolean {
  rule.left -= 1;
  return rule.left >= 0;
}

async function applies({ model, when }: Selection, exchange: Exchange): Promise<boolean> {
  if (when?.(exchange.request) === false) {
    return false;
  }
  if (model === undefined) {
    return true;
  }
  await exchange.answer();
  return modelOf(exchange.request) === model;
}

function modelOf(request: RecordedRequest): unknown {
  try {
    const body: unknown = JSON.parse(request.body.toString('utf8'));
    return typeof body === 'object' && body !== null && 'model' in body ? body.model : undefined;
  } catch {
    return undefined;
  }
}
