import { status as rpc, type ServerDuplexStream, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Caller } from '../core/caller.ts';
import type { Eventually } from '../core/eventually.ts';
import { openSlots } from '../core/slots.ts';
import type { Ports } from '../pipeline/ports.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { decodeStage } from './decode.ts';
import type { EncodedMessage } from './encoded.ts';
import type { ProcessingRequestMessage, ProcessingResponseMessage } from './messages.ts';
import { ProcSession } from './proc-session.ts';
import type { Reply } from './reply.ts';
import { RewriteSession } from './rewrite-session.ts';
import { openVersionWatch } from './version-watch.ts';

type ProcStream = ServerDuplexStream<ProcessingRequestMessage, ProcessingResponseMessage | EncodedMessage>;

/** The exchanges that are open in this process, so that a kill switch can cut the streams it names. */
export interface OpenExchanges {
  /** Cuts every open exchange whose caller matches; returns how many. */
  abort(matches: (caller: Caller) => boolean): number;
  count(): number;
}

/** A stage that answers each message of its stream. */
interface Session {
  /** True while the request waits for its decision. */
  readonly undecided: boolean;
  /** At once where nothing has to be asked. */
  handle(message: ProcessingRequestMessage): Eventually<Reply>;
}

export interface ProcService {
  readonly implementation: UntypedServiceImplementation;
  readonly open: OpenExchanges;
}

/** `envoy.service.ext_proc.v3.ExternalProcessor`: one stream per exchange (decision), and one per attempt after the first (rewrite). */
export function externalProcessorService(ports: Ports, telemetry: Telemetry): ProcService {
  const exchanges = openSlots<{ readonly session: ProcSession; readonly stream: ProcStream }>();
  const watchVersion = openVersionWatch(ports.settings, telemetry);
  const process = (stream: ProcStream): void => {
    const call = decodeStage(stream.metadata);
    switch (call.stage) {
      case 'decide':
      case 'identify-and-decide': {
        watchVersion(call.providers);
        const session = new ProcSession(ports, telemetry, call);
        const slot = exchanges.add({ session, stream });
        serve(stream, session, (broken) => {
          exchanges.remove(slot);
          session.close(broken);
        });
        return;
      }
      case 'rewrite':
        serve(stream, new RewriteSession(ports, telemetry, call), () => undefined);
        return;
      default:
        // Never an orderly end: a stream closed with OK lets the request pass.
        fail(stream, rpc.UNAVAILABLE, 'unknown stage; render the Envoy configuration again');
    }
  };
  return {
    implementation: { Process: process },
    open: {
      count: () => exchanges.size(),
      abort(matches) {
        let aborted = 0;
        for (const { session, stream } of exchanges.values()) {
          if (session.caller !== undefined && matches(session.caller)) {
            aborted += 1;
            fail(stream, rpc.UNAVAILABLE, 'aborted by the kill switch');
          }
        }
        return aborted;
      },
    },
  };
}

function fail(stream: ProcStream, code: rpc, details: string): void {
  stream.emit('error', { code, details });
}

/**
 * Feeds a stream's messages to its session one by one and sends the replies. The stream is ended in order only after the
 * peer ended its side of a decided exchange, or after the last reply that is owed; anything else ends with an error status,
 * which fails closed.
 */
function serve(stream: ProcStream, session: Session, over: (broken: boolean) => void): void {
  const feed = new Feed(stream, { session, over });
  stream.on('data', (message: ProcessingRequestMessage) => {
    feed.push(message);
  });
  stream.on('end', () => {
    feed.end();
  });
  stream.on('error', () => {
    feed.close(true);
  });
  // Fires for every stream, in order or not; only what is still open then was broken off.
  stream.on('cancelled', () => {
    feed.close(true);
  });
}

/** What a feed works for until it is over. */
interface Service {
  readonly session: Session;
  readonly over: (broken: boolean) => void;
}

/** The messages of one stream on their way through its session. */
class Feed {
  readonly #stream: ProcStream;
  /** Undefined once it is over: Node keeps a stream for long afterwards, and must not keep all that belonged to its exchange. */
  #service: Service | undefined;
  #waiting: ProcessingRequestMessage[] = [];
  #busy = false;
  #ended = false;

  constructor(stream: ProcStream, service: Service) {
    this.#stream = stream;
    this.#service = service;
  }

  push(message: ProcessingRequestMessage): void {
    this.#waiting.push(message);
    if (!this.#busy) {
      this.#work();
    }
  }

  /** The peer sends nothing more; what it sent is still answered. */
  end(): void {
    this.#ended = true;
    if (!this.#busy) {
      this.#finish();
    }
  }

  close(broken: boolean): void {
    const service = this.#service;
    this.#service = undefined;
    this.#waiting = [];
    service?.over(broken);
  }

  #work(): void {
    for (let message = this.#waiting.shift(); message !== undefined && this.#service !== undefined; message = this.#waiting.shift()) {
      const reply = this.#service.session.handle(message);
      if (reply instanceof Promise) {
        this.#busy = true;
        void reply.then((late) => {
          this.#busy = false;
          this.#send(late);
          this.#work();
        });
        return;
      }
      this.#send(reply);
    }
    if (this.#ended) {
      this.#finish();
    }
  }

  #send(reply: Reply): void {
    this.#stream.write(reply.message);
    if (reply.last) {
      this.#finish();
    }
  }

  #finish(): void {
    if (this.#service === undefined) {
      return;
    }
    const { undecided } = this.#service.session;
    this.close(false);
    if (undecided) {
      // The client went away, most likely. An orderly end would let the request pass, should it still be there.
      fail(this.#stream, rpc.CANCELLED, 'ended before the decision');
    } else {
      this.#stream.end();
    }
  }
}
