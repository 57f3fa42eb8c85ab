import { afterEach, describe, expect, it } from 'vitest';
import { openDoor, type Door } from '../support/door.ts';
import { startLoad, warmUp } from '../support/load.ts';
import { healthPage, metric } from '../support/metrics.ts';
import { postChat } from '../support/orders.ts';
import { openStream, type OpenStream } from '../support/sse.ts';
import { until } from '../support/wait.ts';

const waitMs = 15_000;
const streamCount = 50;

let door: Door;
let key: string;
let release: (value: null) => void;

async function open(drain: string): Promise<readonly OpenStream[]> {
  door = await openDoor({
    processes: 2,
    settings(settings) {
      settings.listen.drain = drain;
    },
  });
  ({ key } = await door.createKey());
  await warmUp(door, key);
  const gate = Promise.withResolvers<null>();
  release = gate.resolve;
  door.providers.alpha.behave({ kind: 'hang-mid-stream', afterChunks: 1, until: gate.promise }, { model: 'alpha-large' });
  const request = {
    protocol: 'HTTP/1.1',
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${key}` },
    body: { model: 'large', stream: true, messages: [{ role: 'user', content: 'a text that is long enough for several pieces' }] },
  } as const;
  const streams = await Promise.all(Array.from({ length: streamCount }, () => openStream(door, request)));
  await until(() => streams.every((stream) => stream.events() === 1), { deadlineMs: waitMs, what: 'the first chunk of every stream' });
  return streams;
}

/** The process with the most open streams, and its number. */
async function busiest(): Promise<{ readonly sidecar: Door['sidecars'][number]; readonly open: number }> {
  const counted = await Promise.all(
    door.sidecars.map(async (sidecar) => ({ sidecar, open: await metric([sidecar], 'sallyport_exchanges_open') })),
  );
  const [first] = counted.toSorted((left, right) => right.open - left.open);
  if (first === undefined) {
    throw new Error('no sidecar runs');
  }
  return first;
}

const notReady = (sidecar: Door['sidecars'][number]): Promise<true> =>
  until(async () => (await healthPage(sidecar, '/readyz')).status === 503, { deadlineMs: waitMs, what: '/readyz to say 503' });

afterEach(async () => {
  await door[Symbol.asyncDispose]();
});

describe('a sidecar that is told to end, with 50 streams open', () => {
  it('cuts none within its grace time, while new requests go to the other process and none fails', async () => {
    const streams = await open('30s');
    const { sidecar, open: own } = await busiest();
    expect(own).toBeGreaterThan(0);
    const load = startLoad(door, key);
    await until(() => load.done() > 20, { deadlineMs: waitMs, what: 'the load to run' });
    const signalledMs = performance.now();
    sidecar.signal('SIGTERM');
    await notReady(sidecar);
    expect((await healthPage(sidecar, '/healthz')).status).toBe(200);
    // Envoy has taken it out; what it still serves are the open streams.
    await until(async () => (await door.envoy.stat('cluster.sallyport.membership_healthy')) === 1, {
      deadlineMs: waitMs,
      what: 'Envoy to see it',
    });
    await until(() => performance.now() - signalledMs > 4_000, { deadlineMs: waitMs, what: 'the listener to close' });
    expect(sidecar.exit()).toBeUndefined();
    expect(streams.filter((stream) => stream.state() !== 'open')).toEqual([]);
    release(null);
    const endings = await Promise.all(streams.map((stream) => stream.ended()));
    expect(endings.filter((ending) => ending !== 'complete')).toEqual([]);
    expect(await sidecar.exited).toEqual({ code: 0, signal: null });
    const report = await load.stop();
    expect(report.failures).toEqual([]);
    expect(report.done).toBeGreaterThan(100);
  });

  it('cuts its own, and no other, when the grace time is over, and says so by its exit code', async () => {
    const streams = await open('1s');
    const { sidecar, open: own } = await busiest();
    sidecar.signal('SIGTERM');
    expect(await sidecar.exited).toEqual({ code: 1, signal: null });
    await until(() => streams.filter((stream) => stream.state() === 'cut').length === own, {
      deadlineMs: waitMs,
      what: 'its streams to be cut',
    });
    expect(door.exchanges().filter((line) => line['ending'] === 'aborted')).toHaveLength(own);
    release(null);
    const endings = await Promise.all(streams.map((stream) => stream.ended()));
    expect(endings.filter((ending) => ending === 'complete')).toHaveLength(streamCount - own);
    expect((await postChat(door, key, 'small')).status).toBe(200);
  });

  it('ends at once when it is told a second time', async () => {
    await open('30s');
    const { sidecar } = await busiest();
    sidecar.signal('SIGTERM');
    await notReady(sidecar);
    const againMs = performance.now();
    sidecar.signal('SIGTERM');
    expect(await sidecar.exited).toEqual({ code: 1, signal: null });
    expect(performance.now() - againMs).toBeLessThan(1_000);
    release(null);
  });
});
