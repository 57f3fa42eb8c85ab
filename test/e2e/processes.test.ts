import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, PROVIDER_KEYS, type Door } from '../support/door.ts';
import { startLoad, warmUp } from '../support/load.ts';
import { postChat } from '../support/orders.ts';
import type { RunningProcess } from '../support/process.ts';
import { until } from '../support/wait.ts';

const waitMs = 15_000;
const errorsMsMax = 3_000;
const workers = 4;

let door: Door;
let key: string;
/** The process of each instance, as it is now. */
let running: RunningProcess[];
beforeAll(async () => {
  door = await openDoor({ processes: 2 });
  ({ key } = await door.createKey());
  await warmUp(door, key);
  running = [...door.sidecars];
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
});

const healthy = async (count: number): Promise<void> => {
  await until(async () => (await door.envoy.stat('cluster.sallyport.membership_healthy')) === count, {
    deadlineMs: waitMs,
    what: `Envoy to find ${String(count)} processes healthy`,
  });
};

/** Puts another key of alpha into its file; resolves when a request carries it. */
async function rotateAlpha(suffix: string): Promise<void> {
  const rotated = `${PROVIDER_KEYS.alpha}-${suffix}`;
  door.providers.alpha.setKeys([...alphaKeys, rotated]);
  alphaKeys.push(rotated);
  writeFileSync(door.directory.file('secrets/alpha'), `${rotated}\n`);
  await until(() => door.providers.alpha.requests.at(-1)?.headers.some(([, value]) => value === `Bearer ${rotated}`), {
    deadlineMs: waitMs,
    what: 'the new key to be used',
  });
}
const alphaKeys: string[] = [PROVIDER_KEYS.alpha];

/** Calls (Check and Process alike) that Envoy has sent to each process. */
async function shares(): Promise<readonly number[]> {
  const clusters = (await door.envoy.adminGet('/clusters')).body;
  return [0, 1].map((number) =>
    Number(new RegExp(`^sallyport::.*grpc-${String(number)}\\.sock::rq_total::(\\d+)`, 'm').exec(clusters)?.[1] ?? 0),
  );
}

it('serves one exchange by two processes: what one found at Check, the other believes', async () => {
  let mixed = 0;
  await until(
    async () => {
      const before = await shares();
      expect((await postChat(door, key, 'small')).status).toBe(200);
      const after = await shares();
      mixed += after.every((count, number) => count === (before[number] ?? 0) + 1) ? 1 : 0;
      return mixed > 4;
    },
    { deadlineMs: waitMs, what: 'exchanges of which each process had one call' },
  );
});

describe.each([0, 1])('process %i of two', (number) => {
  it('fails only what it has in hand when it stops to answer, for 3 s at most, and keys come from the other', async () => {
    await healthy(2);
    const load = startLoad(door, key, workers);
    await until(() => load.done() > 40, { deadlineMs: waitMs, what: 'the load to run' });
    const stoppedMs = performance.now();
    running[number]?.signal('SIGSTOP');
    await healthy(1);
    await rotateAlpha(`stopped-${String(number)}`);
    const done = load.done();
    await until(() => performance.now() - stoppedMs > errorsMsMax && load.done() > done + 40, { deadlineMs: waitMs, what: 'normal work' });
    const report = await load.stop();
    running[number]?.signal('SIGCONT');
    expect(report.failures.filter((failure) => failure.answeredMs - stoppedMs > errorsMsMax)).toEqual([]);
    expect(report.failures.length).toBeLessThanOrEqual(workers * 2);
    await healthy(2);
  });

  it('fails only what it has in hand when it is killed, and is used again on its socket once it is back', async () => {
    await healthy(2);
    const load = startLoad(door, key, workers);
    await until(() => load.done() > 40, { deadlineMs: waitMs, what: 'the load to run' });
    const before = await shares();
    await running[number]?.stop('SIGKILL');
    await healthy(1);
    running[number] = await door.startSidecar(number);
    await healthy(2);
    await until(async () => ((await shares())[number] ?? 0) > (before[number] ?? 0) + 40, {
      deadlineMs: waitMs,
      what: 'its share of the work',
    });
    const report = await load.stop();
    expect(report.failures.length).toBeLessThanOrEqual(workers * 2);
  });
});

it('that is alone is never taken out for a broken connection', async () => {
  await using alone = await openDoor();
  const { key: ownKey } = await alone.createKey();
  expect((await postChat(alone, ownKey, 'small')).status).toBe(200);
  await alone.sidecars[0]?.stop('SIGKILL');
  expect((await postChat(alone, ownKey, 'small')).status).toBe(503);
  expect(await alone.envoy.stat('cluster.sallyport.outlier_detection.ejections_enforced_total')).toBe(0);
});
