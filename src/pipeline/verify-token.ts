import { deny, type Outcome } from '../core/outcome.ts';
import type { Secret } from '../core/secret.ts';
import type { PresentedCertificate } from '../policy/credential.ts';
import { judgeClaims } from '../policy/jwt/claims.ts';
import { judgeHeader, type TokenIdentity } from '../policy/jwt/rules.ts';
import { parseToken } from '../policy/jwt/token.ts';
import type { Ports } from './ports.ts';

/** Of the wait for an issuer's keys; a set that is being fetched goes on being fetched for the next caller. */
const keysWaitMsMax = 1_500;

/** A bearer token, judged in the order of RFC 8725: form, issuer's rules, signature, and only then its claims. */
export async function verifyToken(
  ports: Ports,
  text: Secret,
  certificate: PresentedCertificate | undefined,
): Promise<Outcome<TokenIdentity>> {
  const parsed = parseToken(text.reveal());
  if (parsed.kind !== 'next') {
    return parsed;
  }
  const token = parsed.found;
  const rules = judgeHeader(token, ports.settings().issuers);
  if (rules.kind !== 'next') {
    return rules;
  }
  const claim = { issuer: token.issuer, algorithm: token.algorithm, keyId: token.keyId };
  const verdict = await ports.tokenKeys.verify(text, claim, AbortSignal.timeout(keysWaitMsMax));
  if (verdict !== 'valid') {
    return deny('credential_invalid', `token: signature ${verdict}`);
  }
  return judgeClaims(token.claims, rules.found, certificate, ports.clock());
}
