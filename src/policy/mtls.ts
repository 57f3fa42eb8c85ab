import { deny, next, type Outcome } from '../core/outcome.ts';
import type { PeerCertificate } from '../core/request.ts';

/**
 * Finds the client that a verified certificate stands for: its principal must be mapped, exactly as it is written.
 * `undefined` principals: certificates are transport here, and no credential.
 */
export function judgeCertificate(
  certificate: PeerCertificate | undefined,
  principals: ReadonlyMap<string, string> | undefined,
): Outcome<{ readonly client: string }> {
  if (certificate?.principal === undefined || principals === undefined) {
    return deny('credential_missing', 'no certificate that could name a client');
  }
  const client = principals.get(certificate.principal);
  return client === undefined ? deny('credential_invalid', `no client for certificate ${certificate.principal}`) : next({ client });
}
