import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SecretError, type SecretAnswer, type SecretReference, type SecretSource } from '../../src/ports/secret-source.ts';

/** What the suite needs of a store, beside the source that it judges. */
export interface SecretBench {
  readonly source: SecretSource;
  /** A name that nothing has used yet. */
  readonly freshPath: () => string;
  /** Creates or replaces. */
  readonly put: (path: string, content: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** Takes the removal back, with the content it had or new content. */
  readonly restore: (path: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const deadlineMs = 20_000;

export const fetchFrom = (source: SecretSource, path: string, field?: string): Promise<SecretAnswer> =>
  source.fetch({ store: 'any', path, field } satisfies SecretReference, AbortSignal.timeout(deadlineMs));

/** The answer with its values in the open, for comparison. */
export function revealed(answer: SecretAnswer): { current: string; previous: string | undefined } | 'gone' {
  return answer.kind === 'gone' ? 'gone' : { current: answer.current.value.reveal(), previous: answer.previous?.value.reveal() };
}

/** The code of the `SecretError` that `work` must throw; an error that shows `canary` anywhere fails. */
export async function refusal(work: Promise<SecretAnswer>, canary: string): Promise<string> {
  const error: unknown = await work.then(
    (answer) => new Error(`answered ${answer.kind}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SecretError)) {
    throw error;
  }
  expect(inspect(error, { depth: 10 })).not.toContain(canary);
  return error.code;
}

/** What every source of secrets does alike. */
export function describeSecretSource(name: string, open: () => Promise<SecretBench>): void {
  describe(`${name} as a secret source`, () => {
    let bench: SecretBench;
    beforeAll(async () => {
      bench = await open();
    });
    afterAll(async () => {
      await bench.close();
    });

    const stored = async (content: string): Promise<string> => {
      const path = bench.freshPath();
      await bench.put(path, content);
      return path;
    };

    it('gives the value, under a version that stays while the value does', async () => {
      const path = await stored('sk-canary-1');
      const first = await fetchFrom(bench.source, path);
      const second = await fetchFrom(bench.source, path);
      expect(revealed(first)).toEqual({ current: 'sk-canary-1', previous: undefined });
      expect(first.kind === 'found' && second.kind === 'found' && first.current.version === second.current.version).toBe(true);
      expect(inspect(first, { depth: 10 })).not.toContain('canary');
      expect(JSON.stringify(first)).not.toContain('canary');
    });

    it('gives another version after a rotation', async () => {
      const path = await stored('sk-canary-1');
      const before = await fetchFrom(bench.source, path);
      await bench.put(path, 'sk-canary-2');
      const after = await fetchFrom(bench.source, path);
      expect(after.kind === 'found' && after.current.value.reveal()).toBe('sk-canary-2');
      expect(before.kind === 'found' && after.kind === 'found' && before.current.version !== after.current.version).toBe(true);
    });

    it('takes one line end off the end', async () => {
      expect(revealed(await fetchFrom(bench.source, await stored('sk-canary\n')))).toMatchObject({ current: 'sk-canary' });
      expect(revealed(await fetchFrom(bench.source, await stored('sk-canary\r\n')))).toMatchObject({ current: 'sk-canary' });
    });

    it('reads a member of a JSON object', async () => {
      const path = await stored('{"api_key":"sk-canary","other":1,"odd":"  "}');
      expect(revealed(await fetchFrom(bench.source, path, 'api_key'))).toMatchObject({ current: 'sk-canary' });
    });

    it.each([
      ['{"api_key":"sk-canary"}', 'missing'],
      ['{"api_key":"sk-canary"}', '__proto__'],
      ['{"api_key":"sk-canary"}', 'constructor'],
      ['{"api_key":1234567,"x":"sk-canary"}', 'api_key'],
      ['{"api_key":{"a":"sk-canary"}}', 'api_key'],
      ['{"api_key":"  sk-canary"}', 'api_key'],
      ['{"api_key":"sk-canary\\n"}', 'api_key'],
      ['{"api_key":""}', 'api_key'],
      ['["sk-canary"]', '0'],
      ['"sk-canary"', 'length'],
      ['sk-canary', 'api_key'],
      ['{"api_key":"sk-canary"', 'api_key'],
    ])('cannot use %s for field %s', async (content, field) => {
      expect(await refusal(fetchFrom(bench.source, await stored(content), field), 'canary')).toBe('bad_value');
    });

    it.each([
      ['a leading space', ' sk-canary'],
      ['a trailing space', 'sk-canary '],
      ['two line ends', 'sk-canary\n\n'],
      ['a header within', 'sk-canary\r\nx-admin: 1'],
      ['a control character', 'sk-\u0007canary'],
      ['a letter beyond ASCII', 'sk-canary-é'],
      ['a byte order mark', '\uFEFFsk-canary'],
      ['nothing but a line end', '\n'],
      ['over 8 KiB', `sk-canary-${'x'.repeat(8 * 1_024)}`],
    ])('cannot use a value with %s', async (_what, content) => {
      expect(await refusal(fetchFrom(bench.source, await stored(content)), 'canary')).toBe('bad_value');
    });

    it('says gone for what was never there', async () => {
      expect(await fetchFrom(bench.source, bench.freshPath())).toEqual({ kind: 'gone' });
    });

    it('says gone after a removal, and finds it again after a restore', async () => {
      const path = await stored('sk-canary');
      await bench.remove(path);
      expect(await fetchFrom(bench.source, path)).toEqual({ kind: 'gone' });
      await bench.restore(path);
      expect(revealed(await fetchFrom(bench.source, path))).toMatchObject({ current: 'sk-canary' });
    });

    it('times out, and never says gone, when it is called off', async () => {
      const path = bench.freshPath();
      const work = bench.source.fetch({ store: 'any', path, field: undefined }, AbortSignal.abort());
      expect(await refusal(work, 'canary')).toBe('timeout');
    });
  });
}
