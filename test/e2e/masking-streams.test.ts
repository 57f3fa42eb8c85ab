import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBooks, type Books } from '../support/books.ts';
import { openDoor, type Door } from '../support/door.ts';
import { makeGate, type Behaviour } from '../support/provider-behaviour.ts';
import { openStream, type StreamRequest } from '../support/sse.ts';
import { until } from '../support/wait.ts';

const deadlineMs = 10_000;
const mail = 'jane.doe@example.com';
const card = '4111 1111 1111 1111';

const delta = (content: string): object => ({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] });
const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;

/** A stream that a provider makes of this. */
const streamed = (...events: readonly string[]): Behaviour => ({
  kind: 'status',
  status: 200,
  body: events.join(''),
  headers: [['content-type', 'text/event-stream']],
});
