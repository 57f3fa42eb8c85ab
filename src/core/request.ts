/** One header as it arrived: names are lower-case (Envoy's), values are Latin-1 text, duplicates stay apart. */
export interface Header {
  readonly name: string;
  readonly value: string;
}

/** The client certificate that Envoy verified, as both chains can report it. */
export interface PeerCertificate {
  /** The first URI SAN, else the first DNS SAN; undefined where the certificate has neither. */
  readonly principal: string | undefined;
  /** SHA-256 of the DER form, base64url without padding (RFC 8705 `x5t#S256`). */
  readonly sha256: string;
}

/** The immutable facts of one HTTP request, however they reached us (ext_authz or ext_proc). */
export interface RequestView {
  /** `x-request-id` as Envoy set it: the exchange id that both stages see. */
  readonly exchangeId: string;
  readonly method: string;
  /** `:path` undecoded, with its query. */
  readonly path: string;
  readonly authority: string;
  readonly headers: readonly Header[];
  readonly certificate: PeerCertificate | undefined;
}

/** Every value of the header `name` (lower-case), in order of arrival. */
export function headerValues(headers: readonly Header[], name: string): readonly string[] {
  const values: string[] = [];
  for (const header of headers) {
    if (header.name === name) {
      values.push(header.value);
    }
  }
  return values;
}
