import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAwsSource, type AwsSource } from '../../src/adapters/aws/source.ts';
import { startMinistack, type Ministack } from '../support/ministack.ts';
import { startProcess } from '../support/process.ts';
import { within } from '../support/wait.ts';
import { describeSecretSource, fetchFrom, refusal, revealed } from './secret-source.ts';

const region = 'eu-central-1';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const sourceModule = fileURLToPath(new URL('../../src/adapters/aws/source.ts', import.meta.url));

interface Bench {
  readonly emulator: Ministack;
  readonly client: SecretsManagerClient;
  readonly source: AwsSource;
  readonly freshPath: () => string;
  readonly close: () => Promise<void>;
}

async function openBench(): Promise<Bench> {
  const emulator = await startMinistack();
  const { endpoint } = emulator;
  const client = new SecretsManagerClient({ endpoint, region, credentials, maxAttempts: 1 });
  const source = openAwsSource({ endpoint, region, credentials, confirmAfterMs: 10 });
  let count = 0;
  const close = async (): Promise<void> => {
    source.close();
    client.destroy();
    await emulator.stop();
  };
  return { emulator, client, source, freshPath: () => `prod/llm/secret-${String((count += 1))}`, close };
}

describeSecretSource('AWS Secrets Manager', async () => {
  const { client, source, freshPath, close } = await openBench();
  return {
    source,
    freshPath,
    close,
    put: async (path, content) => {
      await client.send(new CreateSecretCommand({ Name: path, SecretString: content })).catch(async (error: unknown) => {
        if (!(error instanceof ResourceExistsException)) {
          throw error;
        }
        await client.send(new PutSecretValueCommand({ SecretId: path, SecretString: content }));
      });
    },
    remove: async (path) => {
      await client.send(new DeleteSecretCommand({ SecretId: path, RecoveryWindowInDays: 7 }));
    },
    restore: async (path) => {
      await client.send(new RestoreSecretCommand({ SecretId: path }));
    },
  };
});

describe('an AWS source', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(async () => {
    await bench.close();
  });

  const create = async (content: { SecretString: string } | { SecretBinary: Uint8Array }): Promise<{ path: string; arn: string }> => {
    const path = bench.freshPath();
    const { ARN: arn = '' } = await bench.client.send(new CreateSecretCommand({ Name: path, ...content }));
    return { path, arn };
  };
  const put = async (path: string, value: string, stages?: string[]): Promise<string> => {
    const command = new PutSecretValueCommand({ SecretId: path, SecretString: value, ...(stages && { VersionStages: stages }) });
    const { VersionId: version = '' } = await bench.client.send(command);
    return version;
  };

  it('gives the version before beside the current one after a rotation', async () => {
    const { path } = await create({ SecretString: 'sk-1' });
    const second = await put(path, 'sk-2');
    const answer = await fetchFrom(bench.source, path);
    expect(revealed(answer)).toEqual({ current: 'sk-2', previous: 'sk-1' });
    expect(answer.kind === 'found' && answer.current.version).toBe(second);
  });

  it('never serves a pending version, and serves it once the stage has moved', async () => {
    const { path } = await create({ SecretString: 'sk-1' });
    const second = await put(path, 'sk-2');
    const pending = await put(path, 'sk-3', ['AWSPENDING']);
    expect(revealed(await fetchFrom(bench.source, path))).toEqual({ current: 'sk-2', previous: 'sk-1' });
    await bench.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: path,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: pending,
        RemoveFromVersionId: second,
      }),
    );
    expect(revealed(await fetchFrom(bench.source, path))).toEqual({ current: 'sk-3', previous: 'sk-2' });
  });

  it('finds nothing to serve in a secret that has only a pending version', async () => {
    const path = bench.freshPath();
    await bench.client.send(new CreateSecretCommand({ Name: path }));
    await put(path, 'sk-1', ['AWSPENDING']);
    // AWS has no current version then; the emulator has one without a value.
    expect(await refusal(fetchFrom(bench.source, path), 'sk-1')).toBe('bad_value');
  });

  it('reads by ARN', async () => {
    const { arn } = await create({ SecretString: '{"api_key":"sk-1"}' });
    expect(revealed(await fetchFrom(bench.source, arn, 'api_key'))).toMatchObject({ current: 'sk-1' });
  });

  it('reads a binary secret, whole and by field', async () => {
    const { path } = await create({ SecretBinary: Buffer.from('{"api_key":"sk-1"}') });
    expect(revealed(await fetchFrom(bench.source, path, 'api_key'))).toMatchObject({ current: 'sk-1' });
    const plain = await create({ SecretBinary: Buffer.from('sk-2\n') });
    expect(revealed(await fetchFrom(bench.source, plain.path))).toMatchObject({ current: 'sk-2' });
  });

  it('serves the current version where the one before cannot be used', async () => {
    const { path } = await create({ SecretString: 'not JSON' });
    await put(path, '{"api_key":"sk-2"}');
    expect(revealed(await fetchFrom(bench.source, path, 'api_key'))).toEqual({ current: 'sk-2', previous: undefined });
  });

  it('says gone for what was deleted at once', async () => {
    const { path } = await create({ SecretString: 'sk-1' });
    await bench.client.send(new DeleteSecretCommand({ SecretId: path, ForceDeleteWithoutRecovery: true }));
    expect(await fetchFrom(bench.source, path)).toEqual({ kind: 'gone' });
  });

  it('uses the credentials of the environment, and keeps no process alive once closed', async () => {
    const { path } = await create({ SecretString: 'sk-1' });
    const program = `
      import { openAwsSource } from ${JSON.stringify(sourceModule)};
      const source = openAwsSource({ region: ${JSON.stringify(region)}, endpoint: ${JSON.stringify(bench.emulator.endpoint)} });
      const answer = await source.fetch({ store: 'aws', path: ${JSON.stringify(path)}, field: undefined }, AbortSignal.timeout(20_000));
      source.close();
      console.log(answer.kind);
    `;
    await using child = await startProcess(process.execPath, ['--input-type=module', '--eval', program], {
      name: 'a process with an AWS source',
      env: { PATH: process.env['PATH'], AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    });
    const exit = await within(child.exited, { deadlineMs: 30_000, what: 'the process to end by itself' });
    expect({ ...exit, output: child.output() }).toEqual({ code: 0, signal: null, output: 'found\n' });
  });
});
