import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLIENT_DNS_NAME, makeCertificates, SPIFFE_ID, type KeyPair } from '../../support/certificates.ts';
import { startProcess, type RunningProcess } from '../../support/process.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { until, within } from '../../support/wait.ts';

const node = (script: string): Promise<RunningProcess> => startProcess(process.execPath, ['-e', script], { name: 'child' });
const parse = (pair: KeyPair): X509Certificate => new X509Certificate(pair.cert);

describe('waiting', () => {
  it('returns what the condition found', async () => {
    let asked = 0;
    expect(await until(() => (++asked === 3 ? 'found' : undefined), { deadlineMs: 1_000, what: 'three' })).toBe('found');
  });

  it('says what it waited for', async () => {
    await expect(until(() => false, { deadlineMs: 20, what: 'godot' })).rejects.toThrow('waited 20 ms for godot');
    await expect(within(new Promise(() => undefined), { deadlineMs: 20, what: 'godot' })).rejects.toThrow('waited 20 ms for godot');
  });

  it('fails at once with the error of the condition', async () => {
    const broken = until(
      () => {
        throw new Error('broken');
      },
      { deadlineMs: 60_000, what: 'nothing' },
    );
    await expect(broken).rejects.toThrow('broken');
  });
});

describe('a process', () => {
  it('is waited for by its lines and stopped by its signal', async () => {
    const child = await node("console.log('first'); console.error('aside'); console.log('listening on 80'); setInterval(() => {}, 1000)");
    expect(await child.waitForLine(/listening/u, 5_000)).toBe('listening on 80');
    await until(() => child.stderr().includes('aside'), { deadlineMs: 1_000, what: 'stderr' });
    expect(child.exit()).toBeUndefined();
    expect(await child.stop('SIGINT')).toEqual({ code: null, signal: 'SIGINT' });
    expect(child.signal('SIGTERM')).toBe(false);
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGINT' });
  });

  it('is stopped even when it was suspended', async () => {
    const child = await node("console.log('up'); setInterval(() => {}, 1000)");
    await child.waitForLine(/up/u, 5_000);
    child.signal('SIGSTOP');
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('shows its last words when it ends before the line', async () => {
    const child = await node("console.error('no such file'); process.exit(3)");
    await expect(child.waitForLine(/ready/u, 5_000)).rejects.toThrow('no such file');
    expect(await child.exited).toEqual({ code: 3, signal: null });
  });

  it('cannot be started where there is no program', async () => {
    await expect(startProcess('/nowhere/program', [])).rejects.toThrow('ENOENT');
  });
});

it('removes a directory with what is in it', () => {
  const directory = makeTempDir();
  writeFileSync(directory.file('a'), 'a');
  expect(readFileSync(directory.file('a'), 'utf8')).toBe('a');
  directory.remove();
  expect(existsSync(directory.path)).toBe(false);
});

describe('certificates', () => {
  it('are signed by the CA they say, with the names they say', async () => {
    const made = await makeCertificates();
    const ca = parse(made.ca).publicKey;
    expect(parse(made.server).verify(ca)).toBe(true);
    expect(parse(made.server).checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(parse(made.serverElsewhere).checkHost('localhost')).toBeUndefined();
    expect(parse(made.clientSpiffe).subjectAltName).toBe(`URI:${SPIFFE_ID}`);
    expect(parse(made.clientDns).subjectAltName).toBe(`DNS:${CLIENT_DNS_NAME}`);
    expect(parse(made.strangerClient).subjectAltName).toBe(`URI:${SPIFFE_ID}`);
    expect(parse(made.strangerClient).verify(ca)).toBe(false);
    expect(await makeCertificates()).toBe(made);
  });
});
