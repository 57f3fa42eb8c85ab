import { StoreError } from '../../ports/key-store.ts';

type Code = StoreError['code'];

/** By the first word of the server's answer. In all of these nothing was done. */
const replies: ReadonlyMap<string, Code> = new Map([
  ['ASK', 'unreachable'],
  ['BUSY', 'locked'], // somebody's script does not end
  ['CLUSTERDOWN', 'unreachable'],
  ['LOADING', 'unreachable'],
  ['MASTERDOWN', 'unreachable'],
  ['MISCONF', 'refused'], // it cannot save, and is set not to write then
  ['MOVED', 'unreachable'],
  ['NOAUTH', 'refused'],
  ['NOPERM', 'refused'],
  ['NOREPLICAS', 'unreachable'],
  ['OOM', 'refused'],
  ['READONLY', 'unreachable'], // a replica now
  ['TRYAGAIN', 'unreachable'], // the slot is moving to another node
  ['WRONGPASS', 'refused'],
]);

/** The client's own words for a command that it did not send. */
const unsent = /enableOfflineQueue|isn't ready|unreachable|startup nodes/;
/** Words for a connection that ended while an answer was awaited: what was asked may have been done. */
const cutOff = /Connection is closed|max retries per request|aborted due to connection close|Socket timeout/;

/**
 * Every foreign error as a `StoreError`. Only its text is kept: the client attaches the command, and the command that opens a connection
 * holds the password.
 */
export function toStoreError(error: unknown, hide: (text: string) => string = (text) => text): StoreError {
  if (error instanceof StoreError) {
    return error;
  }
  const text = error instanceof Error ? error.message : 'no error';
  return new StoreError(codeOf(error, text), new Error(hide(text)));
}

function codeOf(error: unknown, text: string): Code {
  const reply = replies.get(text.split(' ', 1)[0] ?? '');
  if (reply !== undefined) {
    return reply;
  }
  if (unsent.test(text)) {
    return 'unreachable';
  }
  if (cutOff.test(text)) {
    return 'timeout';
  }
  // What the server itself answers is a `ReplyError`; all else befell the connection before anything was sent.
  return error instanceof Error && error.name === 'ReplyError' ? 'bad_reply' : 'unreachable';
}

export const isUnknownScript = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT');

/** What no further attempt will change. */
export const isLockedOut = (error: StoreError): boolean => error.code === 'refused';
