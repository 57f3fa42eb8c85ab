import { Agent, request } from 'node:https';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { chatRequest, MODEL } from './chat.ts';
import { openFiles, residentMiB } from './processes.ts';
import { openSite, startProvider, type Chain, type Site } from './site.ts';

const usage = `Usage: npm run soak -- [--seconds N] [--chain authz+proc|proc] [--without-graceful-close] [--help]

100 requests a second through Envoy and Sallyport for two minutes. Prints failed requests, connections between Envoy and the
sidecar that were lost, and the sidecar's memory, open files and open exchanges before and after. Stops by itself.

  --seconds N                 how long (default 120)
  --chain C                   which chain (default authz+proc)
  --without-graceful-close    shows what ext_proc_graceful_grpc_close is for: Envoy then resets every stream

Exit code: 0 where no request failed and no connection was lost, 1 otherwise.
`;

const requestsPerSecond = 100;
const settleMs = 3_000;
const gracefulClose = 'envoy.reloadable_features.ext_proc_graceful_grpc_close: true';

interface Before {
  readonly residentMiB: number;
  readonly openFiles: number;
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    chain: { type: 'string', default: 'authz+proc' },
    'without-graceful-close': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
if (values.help || !Number.isInteger(seconds) || seconds < 1 || !isChain(values.chain)) {
  process.stdout.write(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  process.exitCode = await soak(values.chain, seconds, values['without-graceful-close']);
}

function isChain(text: string): text is Chain {
  return text === 'authz+proc' || text === 'proc';
}

async function soak(chain: Chain, durationS: number, abrupt: boolean): Promise<number> {
  await using provider = await startProvider();
  await using site = await openSite({
    row: 'scope',
    chain,
    provider,
    ...(abrupt ? { envoy: (text: string) => text.replace(gracefulClose, gracefulClose.replace('true', 'false')) } : {}),
  });
  const pid = site.sidecarPid ?? 0;
  await drive(site, 5);
  await pause(settleMs);
  const before: Before = { residentMiB: residentMiB(pid), openFiles: openFiles(pid) };
  const lostBefore = await lostConnections(site);
  const failed = await drive(site, durationS);
  await pause(settleMs);
  const lost = (await lostConnections(site)) - lostBefore;
  const open = await openExchanges(site);
  process.stdout.write(
    [
      `chain ${chain}, ${String(requestsPerSecond * durationS)} requests in ${String(durationS)} s${abrupt ? ', without graceful close' : ''}`,
      `failed requests           ${String(failed)}`,
      `lost connections          ${String(lost)}`,
      `sidecar memory, MiB       ${before.residentMiB.toFixed(0)} before, ${residentMiB(pid).toFixed(0)} after`,
      `sidecar open files        ${String(before.openFiles)} before, ${String(openFiles(pid))} after`,
      `exchanges still open      ${String(open)}`,
      '',
    ].join('\n'),
  );
  return failed === 0 && lost === 0 && open === 0 ? 0 : 1;
}

/** An even rate, whatever the answers do; resolves to how many requests did not get 200. */
async function drive(site: Site, durationS: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64, rejectUnauthorized: false });
  const body = chatRequest(MODEL);
  const startedMs = performance.now();
  const pending: Promise<boolean>[] = [];
  for (let sent = 0; sent < durationS * requestsPerSecond; sent += 1) {
    const dueMs = startedMs + (sent * 1_000) / requestsPerSecond;
    await pause(Math.max(0, dueMs - performance.now()));
    pending.push(ask(site, agent, body));
  }
  const answers = await Promise.all(pending);
  agent.destroy();
  return answers.filter((good) => !good).length;
}

async function ask(site: Site, agent: Agent, body: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${site.key}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const call = request(site.url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => {
        resolve(response.statusCode === 200);
      });
      response.on('error', () => {
        resolve(false);
      });
    });
    call.on('error', () => {
      resolve(false);
    });
    call.end(body);
  });
}

/** Connections to the sidecar that ended with requests on them (Envoy's cluster statistics). */
async function lostConnections(site: Site): Promise<number> {
  return site.envoy.stat('cluster.sallyport.upstream_cx_destroy_with_active_rq');
}

async function openExchanges(site: Site): Promise<number> {
  const metrics = await (await fetch(`http://${site.health}/metrics`)).text();
  return Number(/^sallyport_exchanges_open (\d+)/m.exec(metrics)?.[1] ?? Number.NaN);
}
