import { status as rpc, type ServerDuplexStream, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Caller } from '../core/caller.ts';
import type { Ports } from '../pipeline/ports.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { decodeStage } from './decode.ts';
import type { ProcessingRequestMessage, ProcessingResponseMessage } from './messages.ts';
import { ProcSession, type Reply } from './proc-session.ts';
import { RewriteSession } from './rewrite-session.ts';

type ProcStream = ServerDuplexStream<ProcessingRequestMessage, ProcessingResponseMessage>;

/** The exchanges that are open in this process, so that a kill switch can cut the streams it names. */
export interface OpenExchanges {
  /** Cuts every open exchange whose caller matches; returns how many. */
  abort(matches: (caller: Caller) => boolean): number;
  count(): number;
}

/** A stage that answers each message of its stream. */
interface Session {
  handle(message: ProcessingRequestMessage): Promise<Reply>;
}

export interface ProcService {
  readonly implementation: UntypedServiceImplementation;
  readonly open: OpenExchanges;
}

/** `envoy.service.ext_proc.v3.ExternalProcessor`: one stream per exchange (decision), and one per attempt after the first (rewrite). */
export function externalProcessorService(ports: Ports, telemetry: Telemetry): ProcService {
  const streams = new Map<ProcSession, ProcStream>();
  const process = (stream: ProcStream): void => {
    const call = decodeStage(stream.metadata);
    switch (call.stage) {
      case 'decide':
      case 'identify-and-decide': {
        const session = new ProcSession(ports, telemetry, call);
        streams.set(session, stream);
        serve(stream, session, (broken) => {
          streams.delete(session);
          session.close(broken);
        });
        return;
      }
      case 'rewrite':
        serve(stream, new RewriteSession(ports, telemetry, call), () => undefined);
        return;
      default:
        // Never an orderly end: a stream closed with OK lets the request pass.
        fail(stream, 'unknown stage; render the Envoy configuration again');
    }
  };
  return {
    implementation: { Process: process },
    open: {
      count: () => streams.size,
      abort(matches) {
        let aborted = 0;
        for (const [session, stream] of streams) {
          if (session.caller !== undefined && matches(session.caller)) {
            aborted += 1;
            fail(stream, 'aborted by the kill switch');
          }
        }
        return aborted;
      },
    },
  };
}

function fail(stream: ProcStream, details: string): void {
  stream.emit('error', { code: rpc.UNAVAILABLE, details });
}

/**
 * Feeds a stream's messages to its session one by one and sends the replies. The stream is ended in order only after the
 * peer ended its side or after the last reply that is owed; anything else ends with an error status, which fails closed.
 */
function serve(stream: ProcStream, session: Session, over: (broken: boolean) => void): void {
  const waiting: ProcessingRequestMessage[] = [];
  let busy = false;
  let ended = false;
  let closed = false;
  const close = (broken: boolean): void => {
    if (!closed) {
      closed = true;
      over(broken);
    }
  };
  const finish = (): void => {
    close(false);
    stream.end();
  };
  const work = async (): Promise<void> => {
    busy = true;
    for (let message = waiting.shift(); message !== undefined && !closed; message = waiting.shift()) {
      const reply = await session.handle(message);
      stream.write(reply.message);
      if (reply.last) {
        finish();
      }
    }
    busy = false;
    if (ended && !closed) {
      finish();
    }
  };
  stream.on('data', (message: ProcessingRequestMessage) => {
    waiting.push(message);
    if (!busy) {
      void work();
    }
  });
  stream.on('end', () => {
    ended = true;
    if (!busy && !closed) {
      finish();
    }
  });
  stream.on('error', () => {
    close(true);
  });
  // Fires for every stream, in order or not; only what is still open then was broken off.
  stream.on('cancelled', () => {
    close(true);
  });
}
