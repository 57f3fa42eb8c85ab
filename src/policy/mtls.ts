import { deny, next, type Outcome } from '../core/outcome.ts';
import type { PeerCertificate } from '../core/request.ts';

/**
 * Finds the client that a verified certificate stands for: its principal must be mapped, exactly as it is written.
 * Where no principal is mapped at all, a certificate is transport and no credential.
 */
export function judgeCertificate(
  certificate: PeerCertificate | undefined,
  principals: ReadonlyMap<string, string>,
): Outcome<{ readonly client: string }> {
  if (certificate?.principal === undefined || principals.size === 0) {
    return deny('credential_missing', 'no certificate that could name a client');
  }
  const client = principals.get(certificate.principal);
  return client === undefined ? deny('credential_invalid', `no client for certificate ${certificate.principal}`) : next({ client });
}
