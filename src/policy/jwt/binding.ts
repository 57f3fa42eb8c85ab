import { deny, next, type Outcome } from '../../core/outcome.ts';
import type { PresentedCertificate } from '../credential.ts';
import { membersOf, type Members } from './members.ts';

const thumbprintMember = 'x5t#S256';

/**
 * Judges whether the request carries what the token is bound to (RFC 7800 `cnf`, RFC 8705 section 3.1). The only binding that can
 * be proven here is a client certificate; a token bound to anything else, or to something more, is refused as unprovable.
 */
export function judgeBinding(claims: Members, certificate: PresentedCertificate | undefined): Outcome<null> {
  if (!claims.has('cnf')) {
    return certificate?.isIdentity === true
      ? deny('credential_ambiguous', 'token: not bound to the mapped certificate beside it')
      : next(null);
  }
  const confirmation = membersOf(claims.get('cnf'));
  const thumbprint = confirmation?.get(thumbprintMember);
  if (confirmation?.size !== 1 || typeof thumbprint !== 'string') {
    return deny('credential_invalid', 'token: cnf is not exactly a certificate thumbprint');
  }
  if (certificate === undefined) {
    return deny('credential_unbound', 'token: bound to a certificate, and none was presented');
  }
  return certificate.sha256 === thumbprint ? next(null) : deny('credential_unbound', 'token: bound to another certificate');
}
