import { Buffer } from 'node:buffer';

/** Longest token that is looked at, in characters. */
export const tokenCharactersMax = 8 * 1_024;

const compactPattern = /^(?<header>[A-Za-z0-9_-]+)\.(?<payload>[A-Za-z0-9_-]+)\.(?<signature>[A-Za-z0-9_-]+)$/;

/** True for what can be a token in compact form: it says which check judges the credential, not that it is valid. */
export const looksLikeToken = (text: string): boolean => text.length <= tokenCharactersMax && compactPattern.test(text);

/** The decoded parts of a token in compact form (RFC 7515 section 7.1). The signature stays in the text. */
export interface CompactParts {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
}

/** Undefined for everything but three base64url parts in their one spelling: other serialisations, five parts (JWE), padding, stray bits. */
export function splitCompact(text: string): CompactParts | undefined {
  if (text.length > tokenCharactersMax) {
    return undefined;
  }
  const { header, payload, signature } = compactPattern.exec(text)?.groups ?? {};
  const [headerBytes, payloadBytes, signatureBytes] = [header, payload, signature].map(decodeCanonical);
  return headerBytes === undefined || payloadBytes === undefined || signatureBytes === undefined
    ? undefined
    : { header: headerBytes, payload: payloadBytes };
}

/** Node's decoder ignores what does not fit; only the canonical text (RFC 4648 section 3.5) encodes back to itself. */
function decodeCanonical(part: string | undefined): Uint8Array | undefined {
  if (part === undefined) {
    return undefined;
  }
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
