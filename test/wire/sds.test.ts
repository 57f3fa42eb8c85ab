import { Client, credentials as channel, type ClientDuplexStream } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyName } from '../../src/core/key-name.ts';
import { Secret } from '../../src/core/secret.ts';
import { pepperName } from '../../src/pipeline/ports.ts';
import { SECRET_TYPE_URL } from '../../src/wire/definitions.ts';
import { SECRET_DISCOVERY } from '../../src/wire/services.ts';
import type { DiscoveryRequestMessage, DiscoveryResponseMessage } from '../../src/wire/messages.ts';
import { secretDiscoveryService, type SdsService } from '../../src/wire/sds-service.ts';
import { openGrpcServer, type GrpcServer } from '../../src/wire/server.ts';
import { messageBytesMax, nothing, recordingTelemetry } from '../support/in-process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/wait.ts';

type Stream = ClientDuplexStream<DiscoveryRequestMessage, DiscoveryResponseMessage>;

const named = (provider: string): string => keyName(provider, '0123456789ab');

const answersOf = async (answers: readonly DiscoveryResponseMessage[], count: number): Promise<readonly DiscoveryResponseMessage[]> =>
  until(() => (answers.length >= count ? answers : undefined), { deadlineMs: 5_000, what: `${String(count)} answers` });
const textOf = (answer: DiscoveryResponseMessage | undefined): string =>
  answer?.resources.map(({ value }) => value.toString('latin1')).join() ?? '';
const ask = (...names: readonly string[]): DiscoveryRequestMessage => ({ type_url: SECRET_TYPE_URL, resource_names: names });

describe('the keys over SDS', () => {
  let directory: TempDir;
  let service: SdsService;
  let server: GrpcServer;
  let client: Client;
  const secrets = new Map<string, Secret>();
  const fingerprints = new Map<string, string>();

  beforeEach(async () => {
    secrets.clear();
    for (const provider of ['alpha', 'beta', 'withheld']) {
      fingerprints.set(provider, '0123456789ab');
    }
    secrets.set('alpha', new Secret('sk-alpha-1')).set('beta', new Secret('sk-beta-1')).set(pepperName, new Secret('the pepper'));
    directory = makeTempDir();
    service = secretDiscoveryService(
      { served: (name) => secrets.get(name), reject: nothing },
      (provider) => fingerprints.get(provider),
      recordingTelemetry([]).telemetry,
    );
    const path = directory.file('sds.sock');
    server = await openGrpcServer(
      { kind: 'unix', path },
      [{ definition: SECRET_DISCOVERY, implementation: service.implementation }],
      messageBytesMax,
    );
    client = new Client(`unix:${path}`, channel.createInsecure());
  });
  afterEach(async () => {
    client.close();
    await server.drain(0);
    directory.remove();
  });

  const subscribe = (): { readonly stream: Stream; readonly answers: DiscoveryResponseMessage[] } => {
    const method = SECRET_DISCOVERY['StreamSecrets'];
    if (method === undefined) {
      throw new Error('no method StreamSecrets');
    }
    const stream: Stream = client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
    const answers: DiscoveryResponseMessage[] = [];
    stream.on('data', (answer: DiscoveryResponseMessage) => answers.push(answer));
    stream.on('error', nothing);
    return { stream, answers };
  };
  it('are answered at once', async () => {
    const { stream, answers } = subscribe();
    stream.write(ask(named('alpha')));
    const [answer] = await answersOf(answers, 1);
    expect(answer).toMatchObject({ type_url: SECRET_TYPE_URL, resources: [{ type_url: SECRET_TYPE_URL }] });
    expect(textOf(answer)).toContain('sk-alpha-1');
    stream.cancel();
  });

  it.each([
    ['an unknown name', named('gamma')],
    ['a provider whose key is withheld', named('withheld')],
    ['a cluster that was made from other settings', keyName('alpha', 'ba9876543210')],
    ['a provider without what its cluster was made from', 'alpha'],
    ['the pepper', pepperName],
    ['the pepper as a provider', named(pepperName)],
    ['a name of the object prototype', '__proto__'],
    ['an empty name', ''],
  ])('are answered empty, and at once, for %s', async (_what, name) => {
    const { stream, answers } = subscribe();
    stream.write(ask(name));
    const [answer] = await answersOf(answers, 1);
    expect(answer?.resources).toHaveLength(1);
    expect(textOf(answer)).not.toMatch(/sk-|the pepper/);
    expect(textOf(answer)).toContain(name);
    stream.cancel();
  });

  it('are not sent again for an acknowledgement or a refusal of Envoy, and are for another name', async () => {
    const { stream, answers } = subscribe();
    stream.write(ask(named('alpha')));
    const [first] = await answersOf(answers, 1);
    stream.write({ ...ask(named('alpha')), version_info: first?.version_info ?? '', response_nonce: first?.nonce ?? '' });
    stream.write({ ...ask(named('alpha')), response_nonce: first?.nonce ?? '', error_detail: { code: 3 } });
    stream.write(ask(named('alpha'), named('beta')));
    const [, second] = await answersOf(answers, 2);
    expect(textOf(second)).toContain('sk-beta-1');
    expect(answers).toHaveLength(2);
    stream.cancel();
  });

  it('are pushed to every Envoy that asked, changed or taken away, each under a version of its own', async () => {
    const [one, two, stranger] = [subscribe(), subscribe(), subscribe()];
    one.stream.write(ask(named('alpha')));
    two.stream.write(ask(named('alpha')));
    stranger.stream.write(ask(named('beta')));
    await Promise.all([one, two, stranger].map(({ answers }) => answersOf(answers, 1)));
    secrets.set('alpha', new Secret('sk-alpha-2'));
    service.push('alpha');
    await Promise.all([one, two].map(({ answers }) => answersOf(answers, 2)));
    secrets.delete('alpha');
    service.push('alpha');
    await Promise.all([one, two].map(({ answers }) => answersOf(answers, 3)));
    for (const { answers } of [one, two]) {
      expect(textOf(answers[1])).toContain('sk-alpha-2');
      expect(textOf(answers[2])).not.toContain('sk-');
    }
    const versions = [one, two, stranger].flatMap(({ answers }) => answers.map((answer) => answer.version_info));
    expect(new Set(versions).size).toBe(versions.length);
    expect(stranger.answers).toHaveLength(1);
    for (const { stream } of [one, two, stranger]) {
      stream.cancel();
    }
  });

  it('are taken from a cluster of other settings, and given to that of the present ones, when these change', async () => {
    const [old, fresh] = [subscribe(), subscribe()];
    old.stream.write(ask(named('alpha')));
    fresh.stream.write(ask(keyName('alpha', 'ba9876543210')));
    await Promise.all([old, fresh].map(({ answers }) => answersOf(answers, 1)));
    fingerprints.set('alpha', 'ba9876543210');
    secrets.set('alpha', new Secret('sk-alpha-elsewhere'));
    service.push('alpha');
    await Promise.all([old, fresh].map(({ answers }) => answersOf(answers, 2)));
    expect(old.answers.map((answer) => textOf(answer).includes('sk-alpha-1'))).toEqual([true, false]);
    expect(textOf(old.answers[1])).not.toContain('sk-');
    expect(textOf(fresh.answers[0])).not.toContain('sk-');
    expect(textOf(fresh.answers[1])).toContain('sk-alpha-elsewhere');
    for (const { stream } of [old, fresh]) {
      stream.cancel();
    }
  });

  it('are pushed to nobody once Envoy is gone, and asked for anew are answered whatever version it has', async () => {
    const first = subscribe();
    first.stream.write(ask(named('alpha')));
    const [known] = await answersOf(first.answers, 1);
    first.stream.cancel();
    service.push('alpha');
    const second = subscribe();
    second.stream.write({ ...ask(named('alpha')), version_info: known?.version_info ?? '' });
    const [answer] = await answersOf(second.answers, 1);
    expect(textOf(answer)).toContain('sk-alpha-1');
    expect(answer?.version_info).not.toBe(known?.version_info);
    second.stream.cancel();
  });

  it('have versions that no other process has used', async () => {
    const { stream, answers } = subscribe();
    stream.write(ask(named('alpha')));
    const [answer] = await answersOf(answers, 1);
    stream.cancel();
    expect(answer?.version_info).toMatch(/^[0-9a-f]{12}-1$/);
  });
});
