import { parentPort } from 'node:worker_threads';
import { must } from '../core/assert.ts';
import { workOn } from './body-work.ts';
import type { BodyAnswer, BodyQuestion } from './body-pool.ts';

const port = parentPort;
must(port !== null, 'this file runs as a worker thread');

port.on('message', ({ number, work }: BodyQuestion) => {
  port.postMessage({ number, result: workOn(work) } satisfies BodyAnswer);
});
