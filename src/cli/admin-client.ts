import { request, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import { must } from '../core/assert.ts';
import type { Secret } from '../core/secret.ts';
import { RefusedError } from './arguments.ts';

const answerMsMax = 20_000;
const answerBytesMax = 16 * 1_024 * 1_024;

const errorShape = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

export interface AdminQuestion {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
}

/**
 * Asks the admin API over the first of these sockets that somebody serves: each process answers alike. Gives the parsed answer as `shape`
 * has it. Throws `RefusedError` with what the API says, or with what to do where there is no answer.
 */
export async function askAdmin<Shape extends z.ZodType>(
  sockets: readonly string[],
  token: Secret,
  question: AdminQuestion,
  shape: Shape,
): Promise<z.output<Shape>> {
  for (const socket of sockets) {
    const answer = await ask(socket, token, question);
    if (answer !== undefined) {
      return readAnswer(answer, shape);
    }
  }
  throw new RefusedError(
    sockets.length === 0
      ? 'the settings name no admin socket: set listen.admin and restart the sidecar'
      : `nobody answers at ${sockets.join(', ')}: is "sallyport serve" running, and do you belong to the group of the socket?`,
  );
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Undefined where nobody serves the socket, which is known before anything was sent. */
async function ask(socketPath: string, token: Secret, { method, path, body }: AdminQuestion): Promise<Answer | undefined> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    host: 'sallyport',
    authorization: `Bearer ${token.reveal()}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
  };
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, headers, agent: false, timeout: answerMsMax });
    const fail = (): void => {
      reject(
        new RefusedError(
          `the admin API at ${socketPath} broke off. It may have been done: look with "approvals list" before you try again.`,
        ),
      );
    };
    call.once('timeout', () => call.destroy(new Error('no answer in time')));
    call.once('response', (response) => {
      collect(response).then((collected) => {
        resolve({ status: response.statusCode ?? 0, text: collected });
      }, fail);
    });
    call.once('error', (error: NodeJS.ErrnoException) => {
      if (error.syscall === 'connect') {
        resolve(undefined);
      } else {
        fail();
      }
    });
    call.end(text);
  });
}

async function collect(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const piece: unknown = chunk;
    must(Buffer.isBuffer(piece), 'a response without an encoding comes as bytes');
    bytes += piece.length;
    if (bytes > answerBytesMax) {
      throw new Error('the answer is too large');
    }
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readAnswer<Shape extends z.ZodType>({ status, text }: Answer, shape: Shape): z.output<Shape> {
  const content = parseJson(text);
  const refusal = errorShape.safeParse(content);
  if (status >= 400 && refusal.success) {
    throw new RefusedError(`${refusal.data.error.message} (${refusal.data.error.code})`);
  }
  const parsed = shape.safeParse(content);
  if (status >= 400 || !parsed.success) {
    throw new RefusedError(
      `the admin API gave an answer that this program does not know (status ${String(status)}): do both have one version?`,
    );
  }
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
