import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { must, never } from '../../core/assert.ts';
import { StoreError } from '../../ports/key-store.ts';
import { applyWrite } from './apply-write.ts';
import { commitTogether } from './commit.ts';
import { failed, sharedMonotonicMs } from './conversation.ts';
import { watchDatabase } from './database.ts';
import { keyFile } from './key-file.ts';
import type { Answer, Question, WorkerSettings, Write } from './protocol.ts';
import { listBlocks, listKeys, readKey, readPulse } from './reads.ts';
import { hangUp, serveThread } from './serve-thread.ts';
import { openWriteQueue } from './write-queue.ts';

const done = (found: boolean): Answer => ({ kind: 'done', found });

/** The key store's thread. */
function serve(port: MessagePort, settings: WorkerSettings): void {
  const database = watchDatabase(settings.path, keyFile);
  const writes = openWriteQueue((group: readonly Write[]) => commitTogether(database, group, applyWrite), sharedMonotonicMs);

  serveThread<Question, Answer>(port, (question, reply) => {
    switch (question.op) {
      case 'open':
        database.current(true);
        return reply(done(true));
      case 'find':
        return reply(readKey(database.current(), writes.commits(), question.id));
      case 'pulse':
        return reply(readPulse(database.current(), writes.commits(), question.seen));
      case 'list':
        return reply(listKeys(database.current()));
      case 'listBlocks':
        return reply(listBlocks(database.current()));
      case 'create':
      case 'revoke':
      case 'block':
      case 'unblock':
        return writes.push(question, sharedMonotonicMs() + settings.writeWaitMs, (result) => {
          reply(result instanceof StoreError ? failed(result) : done(result));
        });
      case 'close':
        writes.close();
        database.close();
        reply(done(true));
        return hangUp(port);
      default:
        return never(question);
    }
  });
}

function isSettings(data: unknown): data is WorkerSettings {
  return typeof data === 'object' && data !== null && 'path' in data && 'writeWaitMs' in data;
}

const given: unknown = workerData;
must(!isMainThread && parentPort !== null && isSettings(given), 'this file is started by thread.ts as a worker thread');
serve(parentPort, given);
