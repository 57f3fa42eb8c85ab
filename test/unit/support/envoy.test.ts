import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates, SPIFFE_ID, type Certificates } from '../../support/certificates.ts';
import { findEnvoy, startEnvoy, type RunningEnvoy } from '../../support/envoy.ts';
import { headerValues } from '../../support/raw-answer.ts';
import { sendHttp2 } from '../../support/raw-http2.ts';
import { openRaw, rawChunk, rawRequest, sendRaw, type RawTarget } from '../../support/raw-http.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { until } from '../../support/wait.ts';

const startMs = 60_000;

const bootstrap = (admin: string, certificates: Certificates): string => `
admin: { address: ${admin} }
static_resources:
  listeners:
    - name: edge
      address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
      filter_chains:
        - transport_socket:
            name: envoy.transport_sockets.tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
              common_tls_context:
                alpn_protocols: [h2, http/1.1]
                tls_certificates: [ { certificate_chain: { filename: ${certificates.server.certPath} }, private_key: { filename: ${certificates.server.keyPath} } } ]
                validation_context: { trusted_ca: { filename: ${certificates.ca.certPath} } }
          filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: edge
                http_protocol_options: { accept_http_10: true, default_host_for_http_10: ten }
                access_log:
                  - name: envoy.access_loggers.file
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                      path: access.log
                      log_format: { text_format_source: { inline_string: "%PROTOCOL% %REQ(:AUTHORITY)% %REQ(:PATH)% %DOWNSTREAM_PEER_URI_SAN% %REQ(AUTHORIZATION)%\\n" } }
                http_filters:
                  - name: buffer
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer, max_request_bytes: 1000 }
                  - name: envoy.filters.http.router
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
                route_config:
                  virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes: [ { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: hello } } } ]
                      response_headers_to_add: [ { header: { key: x-twice, value: "1" } }, { header: { key: x-twice, value: "2" } } ]
`;
const tcpAdmin = '{ socket_address: { address: 127.0.0.1, port_value: 0 } }';

let certificates: Certificates;
let directory: TempDir;

beforeAll(async () => {
  certificates = await makeCertificates();
  directory = makeTempDir();
});
afterAll(() => {
  directory.remove();
});

describe('Envoy with its admin on a port', () => {
  let envoy: RunningEnvoy;
  let target: RawTarget;

  beforeAll(async () => {
    envoy = await startEnvoy({ config: { text: bootstrap(tcpAdmin, certificates) }, baseDirectory: directory.path });
    target = { port: envoy.port('edge'), tls: { ca: certificates.ca.cert } };
  }, startMs);
  afterAll(() => envoy.stop());

  it('tells its ports, its statistics and its admin pages', async () => {
    expect((await envoy.adminGet('/server_info')).body).toContain('"state": "LIVE"');
    expect((await envoy.adminGet('/nowhere')).status).toBe(404);
    expect(await envoy.stat('no.such.counter')).toBe(0);
    expect(() => envoy.port('other')).toThrow('it has: edge');
    const before = await envoy.stat('http.edge.downstream_rq_total');
    await sendRaw(target, rawRequest('GET / HTTP/1.1', ['host: x']));
    expect(await envoy.stat('http.edge.downstream_rq_total')).toBe(before + 1);
  });

  it('takes raw requests as they are', async () => {
    const answer = await sendRaw(target, rawRequest('GET http://other/raw HTTP/1.1', ['host: x', 'X-A: 1', 'x-a: 2']));
    expect(answer).toMatchObject({ status: 200, version: '1.1', complete: true });
    expect(answer?.body.toString()).toBe('hello');
    expect(headerValues(answer ?? { headers: [] }, 'X-Twice')).toEqual(['1', '2']);
    expect(await sendRaw(target, rawRequest('GET /ten HTTP/1.0', []))).toMatchObject({ status: 200, complete: true });
    expect(await sendRaw(target, rawRequest('HEAD / HTTP/1.1', ['host: x']), { bodyless: true })).toMatchObject({ status: 200 });
    expect(await sendRaw(target, 'nonsense\r\n\r\n')).toMatchObject({ status: 400 });
    await until(() => envoy.accessLog().includes('/ten'), { deadlineMs: 4_000, what: 'the access log' });
    expect(envoy.accessLog()).toContain('HTTP/1.1 other /raw -');
  });

  it('takes an upload piece by piece after 100 Continue', async () => {
    using connection = await openRaw(target);
    await connection.send(rawRequest('POST / HTTP/1.1', ['host: x', 'transfer-encoding: chunked', 'expect: 100-continue']));
    expect((await connection.answer())?.status).toBe(100);
    for (const piece of ['one', 'two', '']) {
      expect(connection.received().toString().split('HTTP/1.1')).toHaveLength(2);
      await connection.send(rawChunk(piece));
    }
    expect((await connection.answer())?.status).toBe(200);
  });

  it('sees the end of a client that half-closed', async () => {
    using connection = await openRaw(target);
    await connection.send('GET / HT');
    connection.end();
    expect(await connection.answer()).toBeUndefined();
  });

  it('takes HTTP/2 with any authority and path, and shows a client certificate', async () => {
    const { cert, key } = certificates.clientSpiffe;
    const tls = { ca: certificates.ca.cert, cert, key };
    const answer = await sendHttp2({ port: target.port, tls }, { ':method': 'GET', ':path': '//x/../two', ':authority': 'evil.example' });
    expect(answer).toMatchObject({ status: 200, resetCode: undefined });
    expect(answer.body.toString()).toBe('hello');
    const list = [':method', 'GET', ':path', '/twice', ':authority', 'a', 'authorization', 'Bearer 1', 'authorization', 'Bearer 2'];
    expect((await sendHttp2({ port: target.port, tls }, list)).status).toBe(200);
    const posted = await sendHttp2({ port: target.port, tls }, { ':method': 'POST', ':path': '/', ':authority': 'a' }, 'x'.repeat(500));
    expect(posted.status).toBe(200);
    await until(() => /\/twice .* Bearer 1,\s?Bearer 2/u.test(envoy.accessLog()), { deadlineMs: 4_000, what: 'the access log' });
    await until(() => envoy.accessLog().includes(`HTTP/2 evil.example //x/../two ${SPIFFE_ID}`), {
      deadlineMs: 4_000,
      what: 'the access log',
    });
  });

  it('refuses a certificate of another CA', async () => {
    const { cert, key } = certificates.strangerClient;
    const refused = await openRaw({ port: target.port, tls: { ca: certificates.ca.cert, cert, key } })
      .then(async (connection) => {
        await connection.closed();
        return connection.received().length;
      })
      .catch(() => 0);
    expect(refused).toBe(0);
  });
});

it('is asked over a unix socket and ends when told', { timeout: startMs }, async () => {
  const socket = directory.file('admin.sock');
  const own = makeTempDir();
  const text = bootstrap(`{ pipe: { path: ${socket}, mode: 384 } }`, certificates);
  const envoy = await startEnvoy({ config: { path: own.file('other.yaml') }, files: { 'other.yaml': text }, baseDirectory: own.path });
  expect(envoy.admin).toBe(socket);
  expect((await envoy.adminGet('/ready')).body).toBe('LIVE\n');
  expect(envoy.port('edge')).toBeGreaterThan(0);
  expect((await envoy.adminPost('/drain_listeners')).status).toBe(200);
  await envoy.stop();
  expect(await envoy.exited).toEqual({ code: 0, signal: null });
  own.remove();
});

it('shows the end of the log of an Envoy that does not start', { timeout: startMs }, async () => {
  using own = makeTempDir();
  const broken = startEnvoy({ config: { text: 'static_resources: { listeners: 7 }' }, baseDirectory: own.path });
  await expect(broken).rejects.toThrow(/ended before it was ready:[^]*listeners/u);
});

it('says where a binary is looked for', () => {
  expect(findEnvoy({ ENVOY_BIN: process.execPath, PATH: '' })).toBe(process.execPath);
  expect(() => findEnvoy({ ENVOY_BIN: '/nowhere/envoy', PATH: '' })).toThrow('set ENVOY_BIN');
});
