import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isUnknownScript, toStoreError } from '../../../../src/adapters/redis/errors.ts';
import { StoreError } from '../../../../src/ports/key-store.ts';

/** As the client makes it: with the command, and so with the password of the command that opens a connection. */
const replyError = (message: string): Error =>
  Object.assign(new Error(message), { name: 'ReplyError', command: { name: 'hello', args: ['3', 'AUTH', 'default', 'hunter2'] } });

describe('an error of the Redis client', () => {
  it.each([
    ["READONLY You can't write against a read only replica. script: ab, on @user_script:1.", 'unreachable'],
    ['LOADING Redis is loading the dataset in memory', 'unreachable'],
    ['CLUSTERDOWN The cluster is down', 'unreachable'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'unreachable'],
    ['BUSY Redis is busy running a script.', 'locked'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'refused'],
    ['NOAUTH Authentication required.', 'refused'],
    ["NOPERM User app has no permissions to run the 'info' command", 'refused'],
    ['ERR a counter is of another kind than its key says', 'bad_reply'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'bad_reply'],
  ])('the server’s %j is %s', (message, code) => {
    expect(toStoreError(replyError(message)).code).toBe(code);
  });

  it.each([
    // What was sent may have been done.
    ['Connection is closed.', 'timeout'],
    ['Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.', 'timeout'],
    ['Command aborted due to connection close', 'timeout'],
    // What was not sent was not.
    ["Stream isn't writeable and enableOfflineQueue options is false", 'unreachable'],
    ["Cluster isn't ready and enableOfflineQueue options is false", 'unreachable'],
    ['All sentinels are unreachable and retry is disabled.', 'unreachable'],
    ['connect ECONNREFUSED 127.0.0.1:6379', 'unreachable'],
    ['something else', 'unreachable'],
  ])('%j is %s', (message, code) => {
    expect(toStoreError(new Error(message)).code).toBe(code);
  });

  it('keeps nothing of the command that was sent, nor a secret in the server’s words', () => {
    const error = toStoreError(replyError("ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'hunter2'"), (text) =>
      text.replaceAll('hunter2', '[secret]'),
    );
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('hunter2');
    expect(inspect(error)).toContain('[secret]');
  });

  it('stays as it is where it is one of ours, and is unreachable where it is none at all', () => {
    const own = new StoreError('locked');
    expect(toStoreError(own)).toBe(own);
    expect(toStoreError('text').code).toBe('unreachable');
  });

  it('tells a script that the server does not know from all others', () => {
    expect(isUnknownScript(replyError('NOSCRIPT No matching script. Please use EVAL.'))).toBe(true);
    expect(isUnknownScript(replyError('ERR NOSCRIPT'))).toBe(false);
    expect(isUnknownScript('NOSCRIPT')).toBe(false);
  });
});
