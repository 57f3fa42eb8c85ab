import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ask, parseJson, type Answered } from '../support/ask.ts';
import { openDoor, type Door, type LogLine } from '../support/door.ts';
import { makeIdentities, type Identities } from '../support/identities.ts';
import { makeGate } from '../support/provider-behaviour.ts';
import { until, within } from '../support/wait.ts';

/** What is promised: the last new exchange is released at most this long after the command. */
const lastUseMsMax = 5_000;
const createdSchema = z.object({ key: z.string(), id: z.string() });

/** How a stream that was held open ended. */
interface Ended {
  readonly text: string;
  readonly failed: boolean;
}

interface HeldStream {
  /** Lets the rest through and waits for the end. */
  readonly finish: () => Promise<Ended>;
  /** Waits for the end without letting anything through. */
  readonly ended: () => Promise<Ended>;
}

describe('the kill switch, with two processes', () => {
  let door: Door;
  let identities: Identities;
  let bystander: string;
  beforeAll(async () => {
    identities = makeIdentities();
    door = await openDoor({ processes: 2, settings: identities.apply });
    ({ key: bystander } = await door.createKey({ client: 'bystander' }));
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    identities[Symbol.dispose]();
  });

  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await door.sallyport(...args);
    expect(stderr.includes('Error') ? stderr : code).toBe(0);
    return stdout;
  };
  const linesOf = (client: string, count: number): readonly LogLine[] | undefined => {
    const lines = door.exchanges().filter((line) => line['client'] === client);
    return lines.length === count ? lines : undefined;
  };

  const answerIs =
    (bearer: string, status: number): (() => Promise<boolean>) =>
    async () =>
      (await ask(door, { bearer })).status === status;

  /** Asks without a pause until nothing but `code` was answered for a second; the time from now to the last request that was let through. */
  const lastUse = async (bearer: string, code: string): Promise<{ readonly ms: number; readonly refusal: Answered }> => {
    const sinceMs = Date.now();
    let lastMs = sinceMs;
    let refusals = 0;
    for (;;) {
      const startedMs = Date.now();
      const answer = await ask(door, { bearer });
      if (answer.status === 200) {
        lastMs = startedMs;
        refusals = 0;
      }
      refusals += answer.code === code ? 1 : 0;
      // Both processes have been asked several times, and a second has passed, without an answer that lets it through.
      if (refusals >= 20 && startedMs - lastMs > 1_000) {
        return { ms: lastMs - sinceMs, refusal: answer };
      }
      expect(startedMs - sinceMs).toBeLessThan(2 * lastUseMsMax);
    }
  };

  const holdStream = async (key: string): Promise<HeldStream> => {
    const gate = makeGate();
    door.providers.alpha.behave({ kind: 'gated', gate }, { times: 1 });
    const stream = await door.openai(key).chat.completions.create({
      model: 'large',
      messages: [{ role: 'user', content: 'a text that comes in several pieces' }],
      stream: true,
    });
    const chunks = stream[Symbol.asyncIterator]();
    gate.release(2);
    let text = '';
    const take = async (): Promise<boolean> => {
      const next = await chunks.next();
      text += next.done === true ? '' : (next.value.choices[0]?.delta.content ?? '');
      return next.done !== true;
    };
    await take();
    const rest = async (): Promise<Ended> => {
      try {
        let more = true;
        while (more) {
          more = await take();
        }
        return { text, failed: false };
      } catch {
        return { text, failed: true };
      }
    };
    const ending = rest();
    return {
      finish: () => {
        gate.open();
        return ending;
      },
      ended: () => within(ending, { deadlineMs: lastUseMsMax, what: 'the stream to be cut' }),
    };
  };
  const whole: Ended = { text: 'You said: a text that comes in several pieces', failed: false };

  it('a key is of use as soon as it is created, to both processes', async () => {
    const { key } = createdSchema.parse(parseJson(await run('keys', 'create', '--client', 'fresh-app', '--team', 'finance', '--json')));
    // One process answers the check of a request and the other decides it.
    for (let round = 0; round < 4; round += 1) {
      expect((await ask(door, { bearer: key })).status).toBe(200);
    }
  });

  it('a revoked key is last used within five seconds, and its running streams finish', async () => {
    const { key, id } = await door.createKey({ client: 'revoked-app' });
    const streams = await Promise.all([holdStream(key), holdStream(key), holdStream(key)]);
    await run('keys', 'revoke', id);
    const { ms, refusal } = await lastUse(key, 'credential_revoked');
    expect(ms).toBeLessThan(lastUseMsMax);
    expect(refusal.status).toBe(401);
    expect(await Promise.all(streams.map((stream) => stream.finish()))).toEqual([whole, whole, whole]);
  });

  interface Target {
    readonly args: readonly string[];
    readonly credential: string;
  }
  const targets: Readonly<Record<string, () => Promise<Target>>> = {
    'a key': async () => {
      const { key, id } = await door.createKey({ client: 'one-of-two' });
      return { args: ['--key', id], credential: key };
    },
    'a client': async () => ({ args: ['--client', 'whole-app'], credential: (await door.createKey({ client: 'whole-app' })).key }),
    'an issuer': () => Promise.resolve({ args: ['--issuer', identities.issuer], credential: identities.token() }),
    'a token': () => Promise.resolve({ args: ['--jti', 'stolen-1'], credential: identities.token({ jti: 'stolen-1' }) }),
    everyone: async () => ({ args: ['--all'], credential: (await door.createKey({ client: 'any-app' })).key }),
  };

  describe('a block is in force within five seconds, lets running streams finish, and is lifted', () => {
    it.each(Object.keys(targets))('of %s', async (name) => {
      const { args, credential } = await (targets[name]?.() ?? Promise.reject(new Error(name)));
      const stream = await holdStream(credential);
      await run('block', ...args, '--reason', 'a test');
      const { ms, refusal } = await lastUse(credential, 'caller_blocked');
      expect(ms).toBeLessThan(lastUseMsMax);
      expect(refusal.status).toBe(403);
      expect((await ask(door, { bearer: bystander })).status).toBe(name === 'everyone' ? 403 : 200);
      expect(await stream.finish()).toEqual(whole);

      await run('unblock', ...args);
      await until(answerIs(credential, 200), { deadlineMs: lastUseMsMax, what: 'the block to be lifted' });
      await until(answerIs(bystander, 200), { deadlineMs: lastUseMsMax, what: 'the others to be served' });
    });
  });

  describe('with --abort-streams', () => {
    it('running streams of the caller are cut on both processes, and no others', async () => {
      const blocked = await door.createKey({ client: 'cut-app' });
      const streams = await Promise.all(Array.from({ length: 6 }, () => holdStream(blocked.key)));
      const spared = await holdStream(bystander);
      await run('block', '--client', 'cut-app', '--reason', 'a test', '--abort-streams');
      const ends = await Promise.all(streams.map((stream) => stream.ended()));
      expect(ends.map(({ failed }) => failed)).toEqual([true, true, true, true, true, true]);
      expect(await spared.finish()).toEqual(whole);
      const lines = await until(() => linesOf('cut-app', 6), { deadlineMs: 5_000, what: 'the log lines of the cut streams' });
      for (const line of lines) {
        expect(line).toMatchObject({ disposition: 'released', ending: 'aborted', provider: 'alpha', status: 200 });
      }
      await run('unblock', '--client', 'cut-app');
      await until(answerIs(blocked.key, 200), { deadlineMs: lastUseMsMax, what: 'the block to be lifted' });
    });

    it('a request that still waits for its provider ends in an error', async () => {
      const { key, id } = await door.createKey({ client: 'waiting-app' });
      door.providers.alpha.behave({ kind: 'hang-before-headers' }, { times: 1 });
      const before = door.providers.alpha.traffic().requests;
      const waiting = ask(door, { bearer: key });
      await door.providers.alpha.arrival(before + 1);
      await run('block', '--key', id, '--reason', 'a test', '--abort-streams');
      const answer = await within(waiting, { deadlineMs: lastUseMsMax, what: 'the waiting request to end' });
      expect(answer.status).toBe(503);
      expect(answer.shape).toBe('openai');
    });
  });

  it('a name that is not there is not taken for a block', async () => {
    const { code, stderr } = await door.sallyport('block', '--key', '0000000000', '--reason', 'a typing error');
    expect(code).toBe(1);
    expect(stderr).toContain('no key 0000000000');
    expect((await ask(door, { bearer: bystander })).status).toBe(200);
  });
});
