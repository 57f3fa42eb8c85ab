import { connect, type IncomingHttpHeaders } from 'node:http2';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates, CLIENT_DNS_NAME, type Certificates, type KeyPair } from '../support/certificates.ts';
import { openDoor, type Door } from '../support/door.ts';
import { freePort } from '../support/free-port.ts';

/** The gRPC status of a call without a message, or why there was none. */
async function callHealth(port: number, certificates: Certificates, client: KeyPair | undefined): Promise<string> {
  const session = connect(`https://localhost:${String(port)}`, {
    ca: certificates.ca.cert,
    ...(client === undefined ? {} : { cert: client.cert, key: client.key }),
  });
  try {
    return await new Promise<string>((resolve) => {
      const refused = (): void => {
        resolve('refused');
      };
      session.on('error', refused);
      session.on('close', refused);
      const stream = session.request({
        ':method': 'POST',
        ':path': '/grpc.health.v1.Health/Check',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      stream.on('error', refused);
      stream.on('response', (headers) => {
        if (headers['grpc-status'] !== undefined) {
          resolve(String(headers['grpc-status']));
        }
      });
      stream.on('trailers', (headers: IncomingHttpHeaders) => {
        resolve(String(headers['grpc-status']));
      });
      stream.resume();
      // One empty message: no compression, length 0.
      stream.end(Buffer.from([0, 0, 0, 0, 0]));
    });
  } finally {
    session.destroy();
  }
}

const listener = (port: number): object => ({
  address: `127.0.0.1:${String(port)}`,
  certificate: 'file:tls.pem',
  clientCa: 'file:client-ca.pem',
  clients: [CLIENT_DNS_NAME],
});

describe('a sidecar over TCP', () => {
  let door: Door;
  let certificates: Certificates;
  let ports: { readonly grpc: number; readonly sds: number };
  beforeAll(async () => {
    certificates = await makeCertificates();
    ports = { grpc: await freePort(), sds: await freePort() };
    const envoyPem = `${certificates.directory}/envoy-client.pem`;
    writeFileSync(envoyPem, certificates.clientDns.cert + certificates.clientDns.key, { mode: 0o600 });
    door = await openDoor({
      settings: (raw) => {
        Object.assign(raw.listen, { grpc: listener(ports.grpc), sds: listener(ports.sds), health: '127.0.0.1:0' });
        raw.edge.sidecarTls = { certificate: `file:${envoyPem}`, ca: `file:${certificates.ca.certPath}`, serverName: 'localhost' };
      },
    });
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  it('serves decisions and keys to the Envoy that is named', async () => {
    const { key } = await door.createKey();
    const answer = await door.openai(key).chat.completions.create({ model: 'large', messages: [{ role: 'user', content: 'hello' }] });
    expect(answer.choices[0]?.message.content).toBe('You said: hello');
  });

  it.each(['grpc', 'sds'] as const)('answers nobody else (%s)', async (name) => {
    const port = ports[name];
    expect(await callHealth(port, certificates, certificates.clientDns)).toBe('0');
    // PERMISSION_DENIED: of the right authority, but not named.
    expect(await callHealth(port, certificates, certificates.clientUnknown)).toBe('7');
    expect(await callHealth(port, certificates, certificates.clientSpiffe)).toBe('7');
    expect(await callHealth(port, certificates, certificates.strangerClient)).toBe('refused');
    expect(await callHealth(port, certificates, undefined)).toBe('refused');
  });
});
