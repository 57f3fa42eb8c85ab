import { CREDENTIAL_HEADERS } from '../core/headers.ts';
import { deny, next, type Outcome } from '../core/outcome.ts';
import type { PeerCertificate, RequestView } from '../core/request.ts';
import { Secret } from '../core/secret.ts';
import { looksLikeToken } from './jwt/compact.ts';
import { looksLikeVirtualKey } from './virtual-key.ts';

/** Longest credential that is looked at, in characters. */
const credentialCharactersMax = 8 * 1_024;

/** `Bearer `, and some room for what is refused anyway. */
const headerCharactersMax = credentialCharactersMax + 16;

/** The one credential of a request. Nothing about it is proven yet, except that Envoy verified the certificate. */
export type PresentedCredential =
  | { readonly kind: 'key'; readonly text: Secret }
  | { readonly kind: 'jwt'; readonly text: Secret; readonly certificate: PresentedCertificate | undefined }
  | { readonly kind: 'mtls'; readonly certificate: PeerCertificate };

/** The verified certificate beside a token: what the token may be bound to (RFC 8705 section 3). */
export interface PresentedCertificate {
  /** SHA-256 of the DER form, base64url without padding. */
  readonly sha256: string;
  /** The certificate is mapped to a client, so a token that is not bound to it would be a second credential. */
  readonly isIdentity: boolean;
}

/** Whether a certificate principal is mapped to a client; never, where certificates are not an identity. */
export type IsMapped = (principal: string) => boolean;

/**
 * Finds the one credential of a request, or refuses.
 *
 * - A header that can carry a credential counts by being there, even empty: it is never skipped in favour of another one.
 * - A certificate is a credential of its own only where its principal is mapped to a client. A certificate that is not mapped
 *   (a mesh gives one to every workload) is transport: beside a key or a token it says nothing, and alone `judgeCertificate` refuses it.
 * - A mapped certificate beside a virtual key is two credentials, and so is one beside a token that is not bound to it. Beside a
 *   token whose `cnf` names it, it is the proof of that one credential (RFC 8705 section 3). Only the verified token tells, so
 *   the certificate is handed on with the token and `judgeClaims` decides.
 */
export function judgeCredential(request: RequestView, isMapped: IsMapped): Outcome<PresentedCredential> {
  const carriers = request.headers.filter((header) => isCredentialHeader(header.name));
  const [carrier, second] = carriers;
  if (second !== undefined) {
    return deny('credential_ambiguous', `${String(carriers.length)} credential headers`);
  }
  if (carrier === undefined) {
    return judgeBareCertificate(request.certificate);
  }
  if (carrier.value.length > headerCharactersMax) {
    return deny('credential_invalid', 'credential over 8 KiB');
  }
  // Neither a key nor a token holds a comma: whoever merged two headers into one wrote it (RFC 9110 section 5.3).
  if (carrier.value.includes(',')) {
    return deny('credential_ambiguous', 'comma in a credential header');
  }
  switch (carrier.name) {
    case 'authorization':
      return judgeAuthorization(carrier.value, request.certificate, isMapped);
    case 'x-api-key':
    case 'api-key':
      return judgeKeyText(carrier.value, request.certificate, isMapped);
    default:
      return deny('credential_invalid', `credential in ${carrier.name}`, `It may not stand in "${carrier.name}".`);
  }
}

const credentialHeaders: ReadonlySet<string> = new Set(CREDENTIAL_HEADERS);
const isCredentialHeader = (name: string): boolean => credentialHeaders.has(name);

const judgeBareCertificate = (certificate: PeerCertificate | undefined): Outcome<PresentedCredential> =>
  certificate?.principal === undefined ? deny('credential_missing') : next({ kind: 'mtls', certificate });

const isIdentity = (certificate: PeerCertificate | undefined, isMapped: IsMapped): boolean =>
  certificate?.principal !== undefined && isMapped(certificate.principal);

/** RFC 9110 section 11.4: the scheme is case-insensitive; RFC 6750 section 2.1: one space and one token follow it. */
const bearerPattern = /^bearer (?<credential>[\x21-\x7e]+)$/i;
const emptyBearerPattern = /^(?:bearer)?[ \t]*$/i;
const dpopPattern = /^dpop(?:[ \t]|$)/i;

function judgeAuthorization(value: string, certificate: PeerCertificate | undefined, isMapped: IsMapped): Outcome<PresentedCredential> {
  const credential = bearerPattern.exec(value)?.groups?.['credential'];
  if (credential === undefined) {
    return judgeOtherAuthorization(value);
  }
  if (looksLikeToken(credential)) {
    const presented = certificate && { sha256: certificate.sha256, isIdentity: isIdentity(certificate, isMapped) };
    return next({ kind: 'jwt', text: new Secret(credential), certificate: presented });
  }
  return judgeKeyText(credential, certificate, isMapped);
}

function judgeOtherAuthorization(value: string): Outcome<never> {
  if (emptyBearerPattern.test(value)) {
    return deny('credential_missing', 'empty credential');
  }
  if (dpopPattern.test(value)) {
    return deny('credential_invalid', 'scheme DPoP', 'DPoP is not supported.');
  }
  return deny('credential_invalid', 'not "Bearer", one space and one credential');
}

function judgeKeyText(text: string, certificate: PeerCertificate | undefined, isMapped: IsMapped): Outcome<PresentedCredential> {
  if (text === '') {
    return deny('credential_missing', 'empty credential');
  }
  if (!/^[\x21-\x7e]+$/.test(text)) {
    return deny('credential_invalid', 'space, control or non-ASCII byte in a credential');
  }
  if (!looksLikeVirtualKey(text)) {
    return looksLikeToken(text)
      ? deny('credential_invalid', 'token outside Authorization')
      : deny('credential_invalid', 'neither a virtual key nor a token');
  }
  if (isIdentity(certificate, isMapped)) {
    return deny('credential_ambiguous', 'virtual key and mapped certificate');
  }
  return next({ kind: 'key', text: new Secret(text) });
}
