import { trustedAddress } from '../core/address.ts';
import { never } from '../core/assert.ts';
import type { Caller } from '../core/caller.ts';
import { when, type Eventually } from '../core/eventually.ts';
import { deny, next, type Outcome } from '../core/outcome.ts';
import { headerValues, type PeerCertificate, type RequestView } from '../core/request.ts';
import type { Secret } from '../core/secret.ts';
import { judgeCredential, type PresentedCredential } from '../policy/credential.ts';
import { judgeKey } from '../policy/key-state.ts';
import { openMac } from '../policy/mac.ts';
import { judgeCertificate } from '../policy/mtls.ts';
import { parseVirtualKey } from '../policy/virtual-key.ts';
import type { KeyRecord } from '../ports/key-store.ts';
import { openPepperMac } from './pepper-mac.ts';
import type { DecisionSettings, Ports } from './ports.ts';
import { verifyToken } from './verify-token.ts';

/** Where the request comes from, as far as trusted hops say; known also of those that are refused. */
export const clientAddress = (ports: Ports, view: RequestView): string | undefined =>
  trustedAddress(headerValues(view.headers, 'x-forwarded-for'), ports.settings().trustedHops);

/** Who is asking: exactly one credential, proven. What the caller may do is judged by `admitCaller`. */
export function identifyCaller(ports: Ports, view: RequestView, address: string | undefined): Eventually<Outcome<Caller>> {
  const settings = ports.settings();
  const presented = judgeCredential(view, (principal) => settings.principals.has(principal));
  if (presented.kind !== 'next') {
    return presented;
  }
  switch (presented.found.kind) {
    case 'key':
      return identifyByKey(ports, presented.found.text, address);
    case 'jwt':
      return identifyByToken(ports, presented.found, address);
    case 'mtls':
      return identifyByCertificate(settings, presented.found.certificate, address);
    default:
      return never(presented.found);
  }
}

function identifyByKey(ports: Ports, text: Secret, address: string | undefined): Eventually<Outcome<Caller>> {
  const parsed = parseVirtualKey(text.reveal());
  if (parsed === undefined) {
    return deny('credential_invalid', 'not a virtual key of ours');
  }
  const mac = digestMac(ports.credentials);
  if (mac.kind !== 'next') {
    return mac;
  }
  return when(ports.keys.find(parsed.id), (record) => {
    const judged = judgeKey(record, mac.found(text.reveal(), 'hex'), ports.clock());
    return judged.kind === 'next' ? next(callerOf(judged.found, address)) : judged;
  });
}

const callerOf = ({ id, client, user, team, tier, expiresAtMs }: KeyRecord, address: string | undefined): Caller => ({
  kind: 'key',
  key: id,
  client,
  user,
  team,
  tier,
  issuer: undefined,
  jti: undefined,
  expiresAtMs,
  address,
});

/** What digests keys under the pepper: see `digestKey`. */
const digestMac = openPepperMac('identify', (pepper) => openMac(pepper.reveal()));

async function identifyByToken(
  ports: Ports,
  presented: Extract<PresentedCredential, { kind: 'jwt' }>,
  address: string | undefined,
): Promise<Outcome<Caller>> {
  const verified = await verifyToken(ports, presented.text, presented.certificate);
  if (verified.kind !== 'next') {
    return verified;
  }
  const { client, user, team, tier, issuer, jti, expiresAtMs } = verified.found;
  return next({ kind: 'jwt', key: undefined, client, user, team, tier, issuer, jti, expiresAtMs, address });
}

function identifyByCertificate(settings: DecisionSettings, certificate: PeerCertificate, address: string | undefined): Outcome<Caller> {
  const judged = judgeCertificate(certificate, settings.principals);
  if (judged.kind !== 'next') {
    return judged;
  }
  return next({
    kind: 'mtls',
    key: undefined,
    client: judged.found.client,
    user: undefined,
    team: undefined,
    tier: undefined,
    issuer: undefined,
    jti: undefined,
    expiresAtMs: undefined,
    address,
  });
}
