import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { must, never } from '../../core/assert.ts';
import { StoreError } from '../../ports/key-store.ts';
import { watchDatabase } from './database.ts';
import { detailOf, toStoreError } from './errors.ts';
import type { Answer, Answered, Asked, Question, WorkerSettings } from './protocol.ts';
import { listBlocks, listKeys, readKey, readPulse } from './reads.ts';
import { openWriteQueue } from './write-queue.ts';

type Reply = (answer: Answer) => void;

const done = (found: boolean): Answer => ({ kind: 'done', found });

const failed = (error: StoreError): Answer => ({ kind: 'error', code: error.code, detail: detailOf(error) });

/** The store's thread: SQLite is synchronous, and a flush to the disk must not stop the event loop that decides. */
function serve(port: MessagePort, settings: WorkerSettings): void {
  const database = watchDatabase(settings.path);
  const writes = openWriteQueue(database, settings.writeWaitMs, () => performance.now());

  const answer = (question: Question, reply: Reply): void => {
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
        return writes.push(question, (result) => {
          reply(result instanceof StoreError ? failed(result) : done(result));
        });
      case 'close':
        writes.close();
        database.close();
        reply(done(true));
        return port.close();
      default:
        return never(question);
    }
  };

  port.on('message', ({ number, question }: Asked) => {
    const reply: Reply = (given) => {
      port.postMessage({ number, answer: given } satisfies Answered, []);
    };
    try {
      answer(question, reply);
    } catch (error) {
      reply(failed(toStoreError(error)));
    }
  });
}

function isSettings(data: unknown): data is WorkerSettings {
  return typeof data === 'object' && data !== null && 'path' in data && 'writeWaitMs' in data;
}

const given: unknown = workerData;
must(!isMainThread && parentPort !== null && isSettings(given), 'this file is started by thread.ts as a worker thread');
serve(parentPort, given);
