import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { TextDecoder } from 'node:util';
import type { GuardFaultCause } from '../../core/guard.ts';
import { GuardError } from './guard-error.ts';

/** The JSON of a plain 200. Throws `GuardError`; a connection whose answer is not read to its end is given up. */
export async function readAnswer(response: IncomingMessage, bytesMax: number): Promise<unknown> {
  try {
    const { statusCode = 0, headers } = response;
    if (statusCode !== 200) {
      throw new GuardError(causeOf(statusCode));
    }
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
      throw new GuardError('bad_reply');
    }
    return parse(await readBytes(response, bytesMax));
  } finally {
    if (!response.complete) {
      response.destroy();
    }
  }
}

/** A redirect is not followed: texts go to the configured host and to no other. */
function causeOf(status: number): GuardFaultCause {
  if (status === 429 || status >= 500) {
    return 'unavailable';
  }
  // Too long for a model's context, characters that a parser does not take: the question's own doing.
  return status === 400 || status === 413 || status === 422 ? 'question_refused' : 'rejected';
}

async function readBytes(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      throw new GuardError('answer_too_large');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own message quotes the text.
    throw new GuardError('bad_reply');
  }
}
