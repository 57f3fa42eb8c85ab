import type {
  GetSecretValueCommand,
  GetSecretValueCommandOutput,
  SecretsManagerClient,
  SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import { confirmGone, parseSecretContent } from '../../ports/secret-reading.ts';
import { SecretError, type SecretAnswer, type SecretReference, type SecretSource, type SecretVersion } from '../../ports/secret-source.ts';
import { isGone, translate } from './errors.ts';

const connectTimeoutMs = 1_000;
const socketsMax = 8;

export interface AwsSourceOptions {
  readonly region: string;
  /** Base URL of a VPC endpoint or an emulator; by default that of the region. */
  readonly endpoint?: string;
  /** By default the SDK's chain: environment, shared files, web identity, container, instance. */
  readonly credentials?: NonNullable<SecretsManagerClientConfig['credentials']>;
  readonly requestTimeoutMs?: number;
  /** Between an answer that says deleted and the read that confirms it. */
  readonly confirmAfterMs?: number;
}

export interface AwsSource extends SecretSource {
  /** Ends what is under way and lets go of every socket. */
  close(): void;
}

/** A staging label: AWSPENDING is a rotation that is not finished, perhaps an empty version, and is never asked for. */
type Stage = 'AWSCURRENT' | 'AWSPREVIOUS';

/** AWS Secrets Manager. The SDK is loaded by this call, not by the import of this file; needs `secretsmanager:GetSecretValue`. */
export function openAwsSource(options: AwsSourceOptions): AwsSource {
  const closing = new AbortController();
  const loading = load(options);
  // A load that fails is told by each fetch.
  loading.catch(() => undefined);

  const read = async (reference: SecretReference, stage: Stage, signal: AbortSignal): Promise<SecretVersion | 'gone'> => {
    try {
      const { client, getSecretValue } = await loading;
      const answer = await client.send(getSecretValue(reference.path, stage), { abortSignal: signal });
      return parseVersion(answer, stage, reference.field);
    } catch (error) {
      if (isGone(error)) {
        return 'gone';
      }
      throw translate(error, signal);
    }
  };

  const readBoth = async (reference: SecretReference, signal: AbortSignal): Promise<SecretAnswer> => {
    // The previous version is only a spare: none, a forbidden or an unusable one never stands in the way of the current one.
    const spare = read(reference, 'AWSPREVIOUS', signal).catch(() => 'gone' as const);
    const [current, previous] = await Promise.all([read(reference, 'AWSCURRENT', signal), spare]);
    if (current === 'gone') {
      return { kind: 'gone' };
    }
    // A rotation between the two reads can show one version twice.
    return { kind: 'found', current, previous: previous === 'gone' || previous.version === current.version ? undefined : previous };
  };

  return {
    fetch: (reference, signal) => {
      const either = AbortSignal.any([signal, closing.signal]);
      return confirmGone(() => readBoth(reference, either), options.confirmAfterMs ?? 250, either);
    },
    close: () => {
      closing.abort();
      loading.then(
        ({ client }) => {
          client.destroy();
        },
        () => undefined,
      );
    },
  };
}

interface Loaded {
  readonly client: SecretsManagerClient;
  readonly getSecretValue: (id: string, stage: Stage) => GetSecretValueCommand;
}

async function load(options: AwsSourceOptions): Promise<Loaded> {
  const sdk = await import('@aws-sdk/client-secrets-manager');
  const { region, endpoint, credentials, requestTimeoutMs = 2_000 } = options;
  const client = new sdk.SecretsManagerClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    // Whoever asks owns the retries.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: socketsMax },
      httpsAgent: { keepAlive: true, maxSockets: socketsMax },
    },
  });
  return { client, getSecretValue: (id, stage) => new sdk.GetSecretValueCommand({ SecretId: id, VersionStage: stage }) };
}

function parseVersion(answer: GetSecretValueCommandOutput, stage: Stage, field: string | undefined): SecretVersion {
  const { VersionId: version, VersionStages: stages = [], SecretString: text, SecretBinary: binary } = answer;
  if (version === undefined || !stages.includes(stage)) {
    throw new SecretError('bad_value', `not a version in stage ${stage}`);
  }
  const content = text ?? binary;
  if (content === undefined) {
    throw new SecretError('bad_value', 'a version without a value');
  }
  return { version, value: parseSecretContent(content, field) };
}
