import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { expect, it } from 'vitest';
import { openDoor, type Door } from '../support/door.ts';
import { makeGate } from '../support/provider-behaviour.ts';
import { http2Headers } from '../support/raw-ask.ts';
import { openSession, openStream } from '../support/sse.ts';

/** Node's HTTP/2 gives a connection up after 1,000 resets at once. */
const resetsMin = 1_500;
const perConnection = 95;

/** Requests that their client takes back while the sidecar is asked about them. */
async function cancelMany(session: ClientHttp2Session): Promise<void> {
  const requests = Array.from({ length: perConnection }, () => session.request(http2Headers('no-key'), { endStream: false }));
  const closed = requests.map(async (request) => {
    request.on('error', () => undefined).resume();
    await once(request, 'close');
  });
  // Behind the answer to a ping the requests have arrived.
  session.ping(() => {
    for (const request of requests) {
      request.close(8);
    }
  });
  await Promise.all(closed);
  session.destroy();
}

const resetsOf = async (door: Door): Promise<number> => door.envoy.stat('cluster.sallyport.upstream_rq_tx_reset');

it('lets nobody without a key cut the answers of others by taking requests back', async () => {
  await using door = await openDoor();
  const { key } = await door.createKey();
  const gate = makeGate();
  door.providers.alpha.behave({ kind: 'gated', gate });
  const stream = await openStream(door, {
    protocol: 'HTTP/1.1',
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${key}` },
    body: { model: 'large', stream: true, messages: [{ role: 'user', content: 'several pieces of text' }] },
  });
  expect(stream.status).toBe(200);
  for (let connection = 0; connection < 60 && (await resetsOf(door)) < resetsMin && stream.state() === 'open'; connection += 1) {
    await cancelMany(await openSession(door));
  }
  expect(stream.state()).toBe('open');
  expect(await resetsOf(door)).toBeGreaterThanOrEqual(resetsMin);
  gate.open();
  expect(await stream.ended()).toBe('complete');
});
