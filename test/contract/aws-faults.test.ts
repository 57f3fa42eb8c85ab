import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openAwsSource, type AwsSource } from '../../src/adapters/aws/source.ts';
import { until } from '../support/wait.ts';
import { fetchFrom, refusal, revealed } from './secret-source.ts';

type Stage = 'AWSCURRENT' | 'AWSPREVIOUS';
type Answer = (response: ServerResponse, stage: Stage) => void;

const canary = 'sk-canary-0123456789';
const question = z.object({ VersionStage: z.enum(['AWSCURRENT', 'AWSPREVIOUS']) });

const json = (status: number, body: object, headers: Record<string, string> = {}): Answer => {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...headers }).end(JSON.stringify(body));
  };
};
/** An error as AWS words them, with a value where a careless message could carry one. */
const awsError = (status: number, name: string): Answer =>
  json(status, { __type: name, message: `cannot do this with ${canary}`, Message: canary });
const page = (status: number): Answer => {
  return (response) => {
    response.writeHead(status, { 'content-type': 'text/html' }).end(`<html>${canary}</html>`);
  };
};
const secret = (fields: object): Answer => json(200, { ARN: 'arn', Name: 'n', VersionId: 'v1', VersionStages: ['AWSCURRENT'], ...fields });

const good = secret({ SecretString: canary });
const spare = secret({ SecretString: 'sk-0', VersionId: 'v0', VersionStages: ['AWSPREVIOUS'] });
const noSuchStage = awsError(400, 'ResourceNotFoundException');
const connectionsOf = (server: Server): Promise<number> => promisify(server.getConnections.bind(server))();
const silence: Answer = () => undefined;

describe('an AWS source, when Secrets Manager', () => {
  let server: Server;
  let source: AwsSource;
  let endpoint: string;
  let asked: Stage[];
  let answers: Answer[];
  beforeEach(async () => {
    asked = [];
    answers = [];
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const stage = question.parse(JSON.parse(body)).VersionStage;
        asked.push(stage);
        const own = stage === 'AWSCURRENT' ? (answers.length > 1 ? answers.shift() : answers[0]) : previous;
        (own ?? silence)(response, stage);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    endpoint = `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`;
    source = open();
  });
  afterEach(() => {
    source.close();
    server.closeAllConnections();
    server.close();
  });

  let previous: Answer = noSuchStage;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const open = (): AwsSource =>
    openAwsSource({ region: 'eu-central-1', endpoint, credentials, confirmAfterMs: 10, requestTimeoutMs: 5_000 });
  const askWith = (current: readonly Answer[], before: Answer = noSuchStage): Promise<Awaited<ReturnType<AwsSource['fetch']>>> => {
    answers = [...current];
    previous = before;
    return fetchFrom(source, 'prod/llm/openai');
  };

  it.each([
    ['denies access', awsError(400, 'AccessDeniedException'), 'access_denied'],
    ['does not know the client', awsError(400, 'UnrecognizedClientException'), 'access_denied'],
    ['finds the token expired', awsError(400, 'ExpiredTokenException'), 'access_denied'],
    ['finds the clock wrong', awsError(400, 'InvalidSignatureException'), 'access_denied'],
    ['answers 403 with a page', page(403), 'access_denied'],
    ['throttles', awsError(400, 'ThrottlingException'), 'throttled'],
    ['answers 429 with a page', page(429), 'throttled'],
    ['fails', awsError(500, 'InternalServiceError'), 'unreachable'],
    ['is behind a gateway that answers 503', page(503), 'unreachable'],
    ['is behind a proxy that answers 404', page(404), 'unreachable'],
    ['says not found with a server error', awsError(500, 'ResourceNotFoundException'), 'unreachable'],
    ['cannot decrypt', awsError(400, 'DecryptionFailure'), 'unreachable'],
    ['finds the name wrong', awsError(400, 'InvalidParameterException'), 'bad_value'],
    ['answers 200 with a page', page(200), 'unreachable'],
    ['answers with no version', secret({ SecretString: canary, VersionId: undefined }), 'bad_value'],
    ['answers with a pending version', secret({ SecretString: canary, VersionStages: ['AWSPENDING'] }), 'bad_value'],
    ['answers with the version before', secret({ SecretString: canary, VersionStages: ['AWSPREVIOUS'] }), 'bad_value'],
    ['answers with an empty version', secret({}), 'bad_value'],
    ['answers with bytes that are no text', secret({ SecretBinary: '//79' }), 'bad_value'],
    ['hangs up', (response: ServerResponse): void => void response.destroy(), 'unreachable'],
  ])('%s, cannot tell and shows nothing', async (_what, answer, code) => {
    expect(await refusal(askWith([answer], spare), canary)).toBe(code);
  });

  it('is silent, times out', async () => {
    const hasty = openAwsSource({ region: 'eu-central-1', endpoint, credentials, requestTimeoutMs: 100 });
    answers = [silence];
    expect(await refusal(fetchFrom(hasty, 'prod/llm/openai'), canary)).toBe('timeout');
    hasty.close();
  });

  it('is silent, ends when it is called off or closed', async () => {
    answers = [silence];
    previous = silence;
    const abort = new AbortController();
    const calledOff = source.fetch({ store: 'aws', path: 'p', field: undefined }, abort.signal);
    abort.abort();
    expect(await refusal(calledOff, canary)).toBe('timeout');
    const closed = fetchFrom(source, 'p');
    source.close();
    expect(await refusal(closed, canary)).toBe('timeout');
    expect(await refusal(fetchFrom(source, 'p'), canary)).toBe('timeout');
  });

  it('has answered, keeps a connection until it is closed', async () => {
    await askWith([good], spare);
    expect(await connectionsOf(server)).toBeGreaterThan(0);
    source.close();
    await until(async () => (await connectionsOf(server)) === 0, { deadlineMs: 3_000, what: 'the connections to end' });
  });

  it('is not there, cannot tell', async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    expect(await refusal(fetchFrom(source, 'p'), canary)).toBe('unreachable');
  });

  it.each(['ResourceNotFoundException', 'InvalidRequestException'])('says %s once, asks again before it believes it', async (name) => {
    expect(revealed(await askWith([awsError(400, name), good]))).toMatchObject({ current: canary });
  });

  it.each(['ResourceNotFoundException', 'InvalidRequestException'])('says %s twice, takes it for gone', async (name) => {
    expect(await askWith([awsError(400, name)])).toEqual({ kind: 'gone' });
    expect(asked.filter((stage) => stage === 'AWSCURRENT')).toHaveLength(2);
  });

  it('says gone and then cannot be asked, cannot tell', async () => {
    expect(await refusal(askWith([noSuchStage, awsError(500, 'InternalServiceError')]), canary)).toBe('unreachable');
  });

  it.each([
    ['has no version before', noSuchStage],
    ['forbids the version before', awsError(400, 'AccessDeniedException')],
    ['throttles the version before', awsError(400, 'ThrottlingException')],
    ['shows the same version twice in a rotation', secret({ SecretString: canary, VersionStages: ['AWSPREVIOUS'] })],
    ['gives a pending version for the one before', secret({ SecretString: 'sk-9', VersionId: 'v9', VersionStages: ['AWSPENDING'] })],
  ])('%s, serves the current one', async (_what, before) => {
    expect(revealed(await askWith([good], before))).toEqual({ current: canary, previous: undefined });
  });

  it('is asked, is asked for each stage by name and not retried', async () => {
    await askWith([good], spare);
    await askWith([awsError(500, 'InternalServiceError')], spare).catch(() => undefined);
    expect(asked.toSorted()).toEqual(['AWSCURRENT', 'AWSCURRENT', 'AWSPREVIOUS', 'AWSPREVIOUS']);
  });
});
