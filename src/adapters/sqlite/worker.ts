import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { must, never } from '../../core/assert.ts';
import { StoreError } from '../../ports/key-store.ts';
import { applyWrite } from './apply-write.ts';
import { commitTogether } from './commit.ts';
import { failed, sharedMonotonicMs } from './conversation.ts';
import { watchDatabase } from './database.ts';
import { keyFile } from './key-file.ts';
import type { Answer, Question, WorkerSettings, Write } from './protocol.ts';
import { answerRead } from './reads.ts';
import { hangUp, serveThread } from './serve-thread.ts';
import { openWriteQueue } from './write-queue.ts';

const writesPerTransactionMax = 256;

const done = (found: boolean): Answer => ({ kind: 'done', found });

/** The key store's thread. */
function serve(port: MessagePort, settings: WorkerSettings): void {
  const database = watchDatabase(settings.path, keyFile);
  const writes = openWriteQueue((group: readonly Write[]) => commitTogether(database, group, applyWrite), {
    nowMs: sharedMonotonicMs,
    writesPerTransactionMax,
  });

  serveThread<Question, Answer>(port, (question, reply) => {
    switch (question.op) {
      case 'open':
        database.current(true);
        return reply(done(true));
      case 'write':
        return writes.push(question.write, sharedMonotonicMs() + settings.writeWaitMs, (result) => {
          reply(result instanceof StoreError ? failed(result) : done(result));
        });
      case 'close':
        writes.close();
        database.close();
        reply(done(true));
        return hangUp(port);
      case 'find':
      case 'pulse':
      case 'list':
      case 'listBlocks':
      case 'findOperator':
      case 'listOperators':
      case 'findApproval':
      case 'listApprovals':
        return reply(answerRead(database.current(), writes.commits(), question));
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
