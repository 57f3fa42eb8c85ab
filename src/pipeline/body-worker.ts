import { parentPort } from 'node:worker_threads';
import { must } from '../core/assert.ts';
import { DEFAULT_BODY_LIMITS, judgeBody } from '../policy/llm/body.ts';
import type { BodyAnswer, BodyQuestion } from './body-pool.ts';

const port = parentPort;
must(port !== null, 'this file runs as a worker thread');

port.on('message', ({ number, endpoint, bytes }: BodyQuestion) => {
  port.postMessage({ number, outcome: judgeBody(endpoint, bytes, DEFAULT_BODY_LIMITS) } satisfies BodyAnswer);
});
