import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSettings } from '../../src/config/load.ts';
import { ask, chatBody, observe, type Ask } from '../support/ask.ts';
import type { Certificates } from '../support/certificates.ts';
import { openDoor, type Door } from '../support/door.ts';
import { until } from '../support/wait.ts';
import { boundTo, makeIdentities, type Identities } from '../support/identities.ts';

describe('client certificates', () => {
  let door: Door;
  let identities: Identities;
  let all: Certificates;
  let key: string;
  beforeAll(async () => {
    identities = makeIdentities();
    door = await openDoor({ settings: identities.apply });
    all = door.certificates;
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    identities[Symbol.dispose]();
  });

  describe('that are mapped are callers', () => {
    it('by a SPIFFE id', async () => {
      const seen = await observe(door, { certificate: all.clientSpiffe });
      expect(seen).toMatchObject({ status: 200, arrived: 1, line: { caller: 'mtls', client: 'billing', model: 'large' } });
      expect(seen.line).not.toHaveProperty('key');
    });

    it('by a DNS name, bounded by the policy of their client', async () => {
      const allowed = await observe(door, { certificate: all.clientDns, body: chatBody('small') });
      expect(allowed).toMatchObject({ status: 200, arrived: 1, line: { caller: 'mtls', client: 'ledger' } });
      const denied = await observe(door, { certificate: all.clientDns });
      expect(denied).toMatchObject({ status: 403, code: 'model_not_allowed', arrived: 0, line: { caller: 'mtls', client: 'ledger' } });
    });

    it('until their client is blocked', async () => {
      await door.store.block({ kind: 'client', value: 'ledger', reason: 'a test', atMs: Date.now(), abortStreams: false });
      await until(async () => (await ask(door, { certificate: all.clientDns, body: chatBody('small') })).code === 'caller_blocked', {
        deadlineMs: 5_000,
        what: 'the block to act',
      });
      await door.store.unblock('client', 'ledger');
    });
  });

  describe('are refused', () => {
    it.each([
      ['a principal that nobody mapped', (): Ask => ({ certificate: all.clientUnknown }), 'credential_invalid'],
      ['a certificate without a name', (): Ask => ({ certificate: all.clientNameless }), 'credential_missing'],
      [
        'a certificate for servers that is mapped to nobody',
        (): Ask => ({ certificate: all.clientUnknown, body: chatBody('small') }),
        'credential_invalid',
      ],
      ['none at all', (): Ask => ({}), 'credential_missing'],
    ])('%s', async (_what, asked, code) => {
      expect(await observe(door, asked())).toMatchObject({ status: 401, code, arrived: 0 });
    });

    it('in the handshake where another authority signed them, whatever they say', async () => {
      const before = door.arrived();
      await expect(ask(door, { certificate: all.strangerClient })).rejects.toThrow(/alert|ECONNRESET|EPIPE|socket hang up/);
      await expect(ask(door, { certificate: all.strangerClient, bearer: key })).rejects.toThrow(/alert|ECONNRESET|EPIPE|socket hang up/);
      expect(door.arrived()).toBe(before);
    });

    it('in the handshake where they are certificates of servers', async () => {
      await expect(ask(door, { certificate: all.server })).rejects.toThrow(/alert|ECONNRESET|EPIPE|socket hang up/);
    });
  });

  describe('are not believed from a header', () => {
    const claim = 'By=spiffe://example/door;Hash=0000;Subject="CN=app";URI=spiffe://example/ns/billing/sa/app';
    it.each<[string, () => Ask, number, string | undefined]>([
      ['alone', () => ({ headers: [['x-forwarded-client-cert', claim]] }), 401, 'credential_missing'],
      ['beside a key', () => ({ headers: [['x-forwarded-client-cert', claim]], bearer: key }), 200, undefined],
      [
        'beside another certificate',
        () => ({ headers: [['x-forwarded-client-cert', claim]], certificate: all.clientUnknown }),
        401,
        'credential_invalid',
      ],
      ['as a header of ours', () => ({ headers: [['x-sallyport-caller', 'billing']] }), 401, 'credential_missing'],
    ])('%s', async (_what, asked, status, code) => {
      const seen = await observe(door, asked());
      expect(seen).toMatchObject({ status, code });
      expect(seen.line['client']).toBe(status === 200 ? 'test-app' : undefined);
      const headers = JSON.stringify(door.providers.alpha.requests.at(-1)?.headers ?? []);
      expect(headers).not.toContain('spiffe');
    });
  });

  describe('beside a virtual key', () => {
    it('are two credentials where they are mapped', async () => {
      const seen = await observe(door, { bearer: key, certificate: all.clientSpiffe });
      expect(seen).toMatchObject({ status: 401, code: 'credential_ambiguous', arrived: 0 });
    });

    it.each<[string, (certificates: Certificates) => Ask]>([
      ['that nobody mapped', (certificates) => ({ certificate: certificates.clientUnknown })],
      ['without a name', (certificates) => ({ certificate: certificates.clientNameless })],
      ['that does not exist', () => ({})],
    ])('say nothing: one %s', async (_what, with_) => {
      const seen = await observe(door, { bearer: key, ...with_(all) });
      expect(seen).toMatchObject({ status: 200, arrived: 1, line: { caller: 'key', client: 'test-app' } });
    });
  });

  describe('beside a token', () => {
    it.each(['clientSpiffe', 'clientUnknown', 'clientNameless'] as const)(
      'are one credential with a token bound to them: %s',
      async (name) => {
        const seen = await observe(door, { bearer: identities.token(boundTo(all[name])), certificate: all[name] });
        expect(seen).toMatchObject({ status: 200, arrived: 1, line: { caller: 'jwt', client: 'billing' } });
      },
    );

    it.each<[string, () => Ask, string]>([
      ['a bound token alone', () => ({ bearer: identities.token(boundTo(all.clientSpiffe)) }), 'credential_unbound'],
      [
        'a token bound to another certificate',
        () => ({ bearer: identities.token(boundTo(all.clientSpiffe)), certificate: all.clientUnknown }),
        'credential_unbound',
      ],
      [
        'a token bound to another certificate, beside one that is mapped',
        () => ({ bearer: identities.token(boundTo(all.clientUnknown)), certificate: all.clientSpiffe }),
        'credential_unbound',
      ],
      [
        'an unbound token beside one that is mapped',
        () => ({ bearer: identities.token(), certificate: all.clientSpiffe }),
        'credential_ambiguous',
      ],
      [
        'a token bound to a key of DPoP',
        () => ({ bearer: identities.token({ cnf: { jkt: 'x' } }), certificate: all.clientUnknown }),
        'credential_invalid',
      ],
      [
        'a token bound twice',
        () => ({
          bearer: identities.token({ cnf: { ...boundTo(all.clientUnknown).cnf, jkt: 'x' } }),
          certificate: all.clientUnknown,
        }),
        'credential_invalid',
      ],
    ])('are refused: %s', async (_what, asked, code) => {
      expect(await observe(door, asked())).toMatchObject({ status: 401, code, arrived: 0 });
    });

    it('say nothing where they are neither bound nor mapped', async () => {
      const seen = await observe(door, { bearer: identities.token(), certificate: all.clientUnknown });
      expect(seen).toMatchObject({ status: 200, arrived: 1, line: { caller: 'jwt' } });
    });
  });
});

describe('without an authority for client certificates', () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  it.each(['strangerClient', 'clientSpiffe'] as const)('%s is no credential, since nobody verified it', async (name) => {
    const seen = await observe(door, { certificate: door.certificates[name] });
    expect(seen).toMatchObject({ status: 401, code: 'credential_missing', arrived: 0 });
  });

  it('the settings may not map any', () => {
    const text = readFileSync(door.settingsFile, 'utf8').replace(
      'identity:\n',
      'identity:\n  mtls: { principals: { "spiffe://x": billing } }\n',
    );
    expect(text).toContain('spiffe://x');
    expect(() => parseSettings(text, door.settingsFile)).toThrow(/identity\.mtls.*edge\.clientCa/s);
  });
});
