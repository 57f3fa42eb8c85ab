import { randomBytes } from 'node:crypto';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, type Door } from '../support/door.ts';
import { startMinistack, type Ministack } from '../support/ministack.ts';
import { until } from '../support/wait.ts';

const region = 'eu-central-1';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const newKey = (): string => `sk-aws-${randomBytes(12).toString('hex')}`;
const asSecret = (key: string): string => JSON.stringify({ api_key: key });

/** Longer than one refresh of 1 s with its jitter, a fetch, and a push. */
const refreshDeadline = { deadlineMs: 4_000, what: 'the key of the provider to change' };

describe('a provider key in AWS Secrets Manager', () => {
  let aws: Ministack;
  let client: SecretsManagerClient;
  let door: Door;
  let key: string;
  const first = newKey();
  const name = 'prod/llm/alpha';

  beforeAll(async () => {
    aws = await startMinistack();
    client = new SecretsManagerClient({ endpoint: aws.endpoint, region, credentials });
    await client.send(new CreateSecretCommand({ Name: name, SecretString: asSecret(first) }));
    door = await openDoor({
      environment: { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
      settings: (raw) => {
        raw.secrets = { vault: { kind: 'aws-secrets-manager', region, endpoint: aws.endpoint } };
        const provider = raw.providers['alpha'];
        if (provider !== undefined) {
          provider.credential = { secret: `vault:${name}#api_key`, refresh: '1s' };
        }
      },
    });
    door.providers.alpha.setKeys(first);
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    client.destroy();
    await aws.stop();
  });

  const ask = async (): Promise<number> => {
    const response = await fetch(`${door.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'large', messages: [{ role: 'user', content: 'hello' }] }),
    });
    await response.text();
    return response.status;
  };
  const keyAtProvider = (): string => {
    const headers = new Map(door.providers.alpha.requests.at(-1)?.headers.map(([header, value]) => [header.toLowerCase(), value]));
    return headers.get('authorization') ?? '';
  };

  it('is injected', async () => {
    expect(await ask()).toBe(200);
    expect(keyAtProvider()).toBe(`Bearer ${first}`);
  });

  it('that is only pending is never used', async () => {
    const pending = newKey();
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: asSecret(pending), VersionStages: ['AWSPENDING'] }));
    await until(async () => (await ask()) === 200 && door.providers.alpha.requests.length > 5, refreshDeadline);
    expect(keyAtProvider()).toBe(`Bearer ${first}`);
  });

  it('that is rotated reaches the next request within a refresh, without a restart', async () => {
    const second = newKey();
    door.providers.alpha.setKeys([first, second]);
    const { VersionId: made } = await client.send(
      new PutSecretValueCommand({ SecretId: name, SecretString: asSecret(second), VersionStages: ['AWSPENDING'] }),
    );
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: name,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: made,
        RemoveFromVersionId: await currentVersion(client, name),
      }),
    );
    await until(async () => (await ask()) === 200 && keyAtProvider() === `Bearer ${second}`, refreshDeadline);
  });

  it('that the provider refuses after a rotation gives way to the previous one', async () => {
    const previous = keyAtProvider();
    const refused = newKey();
    await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: asSecret(refused) }));
    await until(async () => (await ask()) === 502 && keyAtProvider() === `Bearer ${refused}`, refreshDeadline);
    await until(async () => (await ask()) === 200, { deadlineMs: 10_000, what: 'the previous key to be served again' });
    expect(keyAtProvider()).toBe(previous);
  });

  it('is kept while the store cannot be reached', async () => {
    process.kill(aws.pid, 'SIGSTOP');
    try {
      await until(() => door.sidecars.some((sidecar) => sidecar.stdout().includes('"failure":"timeout"')), {
        deadlineMs: 15_000,
        what: 'a refresh to fail',
      });
      expect(await ask()).toBe(200);
    } finally {
      process.kill(aws.pid, 'SIGCONT');
    }
  });

  it('that is deleted is used no more; the client is told that the model is not available', async () => {
    await client.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    await until(async () => (await ask()) === 503, { deadlineMs: 15_000, what: 'the deleted key to be withdrawn' });
    const before = door.providers.alpha.traffic().requests;
    expect(await ask()).toBe(503);
    expect(door.providers.alpha.traffic().requests).toBe(before);
  });
});

async function currentVersion(client: SecretsManagerClient, name: string): Promise<string | undefined> {
  const described = await client.send(new DescribeSecretCommand({ SecretId: name }));
  return Object.entries(described.VersionIdsToStages ?? {}).find(([, stages]) => stages.includes('AWSCURRENT'))?.[0];
}
