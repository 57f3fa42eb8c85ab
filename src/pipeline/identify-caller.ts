import { trustedAddress } from '../core/address.ts';
import { never } from '../core/assert.ts';
import type { Caller } from '../core/caller.ts';
import { when, type Eventually } from '../core/eventually.ts';
import { deny, fault, next, type Outcome } from '../core/outcome.ts';
import { headerValues, type PeerCertificate, type RequestView } from '../core/request.ts';
import type { Secret } from '../core/secret.ts';
import { judgeCredential, type PresentedCredential } from '../policy/credential.ts';
import { judgeKey } from '../policy/key-state.ts';
import { openMac, type Mac } from '../policy/mac.ts';
import { judgeCertificate } from '../policy/mtls.ts';
import { parseVirtualKey } from '../policy/virtual-key.ts';
import type { KeyRecord } from '../ports/key-store.ts';
import { pepperName, type DecisionSettings, type Ports } from './ports.ts';
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
  const pepper = ports.credentials.served(pepperName);
  if (pepper === undefined) {
    return fault('identify', 'secret', 'the pepper of virtual keys is not known');
  }
  return when(ports.keys.find(parsed.id), (record) => {
    const judged = judgeKey(record, digestMac(pepper)(text.reveal(), 'hex'), ports.clock());
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

/** What digests keys under a pepper, made once: see `digestKey`. */
const digestMacs = new WeakMap<Secret, Mac>();

function digestMac(pepper: Secret): Mac {
  const known = digestMacs.get(pepper);
  if (known !== undefined) {
    return known;
  }
  const made = openMac(pepper.reveal());
  digestMacs.set(pepper, made);
  return made;
}

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
