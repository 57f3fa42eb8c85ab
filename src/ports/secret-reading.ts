import { setTimeout as pause } from 'node:timers/promises';
import { Secret } from '../core/secret.ts';
import { SecretError, type SecretAnswer } from './secret-source.ts';

/** Of a whole secret as stored; AWS allows no more. */
export const secretBytesMax = 64 * 1_024;

const valueCharactersMax = 8 * 1_024;
/** What may become an HTTP header value unchanged: printable ASCII, no space at either end. */
const headerSafe = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * The secret in what a store holds: the whole text less one line end at its end, or member `field` of the JSON object that it
 * is. Throws `SecretError` `bad_value` for anything that cannot be sent as a header; the error never quotes the content.
 */
export function parseSecretContent(content: Uint8Array | string, field: string | undefined): Secret {
  const text = typeof content === 'string' ? content : decode(content);
  if (text.length > secretBytesMax) {
    throw new SecretError('bad_value', 'too large');
  }
  const value = field === undefined ? text.replace(/\r?\n$/, '') : readField(text, field);
  if (value.length > valueCharactersMax || !headerSafe.test(value)) {
    throw new SecretError('bad_value', 'empty, over 8 KiB, or not printable ASCII without spaces around it');
  }
  return new Secret(value);
}

function decode(bytes: Uint8Array): string {
  if (bytes.length > secretBytesMax) {
    throw new SecretError('bad_value', 'too large');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SecretError('bad_value', 'not UTF-8');
  }
}

function readField(text: string, field: string): string {
  const content = parseJson(text);
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new SecretError('bad_value', 'not a JSON object');
  }
  const value: unknown = Object.hasOwn(content, field) ? Reflect.get(content, field) : undefined;
  if (typeof value !== 'string') {
    throw new SecretError('bad_value', 'no such field, or its value is not text');
  }
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new SecretError('bad_value', 'not JSON');
  }
}

/**
 * Runs `read`, and once more after `pauseMs` where it says `gone`: a file being replaced or a lagging replica is not a
 * revocation. Throws `SecretError` `timeout` where `signal` ends the pause.
 */
export async function confirmGone(read: () => Promise<SecretAnswer>, pauseMs: number, signal: AbortSignal): Promise<SecretAnswer> {
  const first = await read();
  if (first.kind !== 'gone') {
    return first;
  }
  try {
    await pause(pauseMs, undefined, { signal });
  } catch {
    throw new SecretError('timeout');
  }
  return read();
}
