import { X509Certificate } from 'node:crypto';
import type { Header, PeerCertificate, RequestView } from '../core/request.ts';
import { headerValues } from '../core/request.ts';
import { openMemo } from '../core/memo.ts';
import { STAGE_METADATA } from '../core/headers.ts';
import type { Metadata } from '@grpc/grpc-js';
import type { CheckPeerMessage, CheckRequestMessage, HttpHeadersMessage, StructMessage } from './messages.ts';

/** Under this name ext_proc sends the attributes that its filter asks for. */
export const EXT_PROC_ATTRIBUTES = 'envoy.filters.http.ext_proc';

/** Chain `authz+proc`: the request as `Check` describes it. Headers come raw (`encode_raw_headers`), duplicates apart. */
export function decodeCheck(message: CheckRequestMessage): RequestView {
  const { http } = message;
  const headers = http?.headers ?? [];
  return {
    exchangeId: soleValue(headers, 'x-request-id'),
    method: http?.method ?? '',
    path: http?.path ?? '',
    authority: http?.host ?? '',
    headers,
    certificate: certificateOfCheck(message.source),
  };
}

/** The request as `request_headers` of ext_proc describes it: pseudo-headers are in the list. */
export function decodeRequestHeaders(message: HttpHeadersMessage, attributes: StructMessage | undefined): RequestView {
  const { headers } = message;
  return {
    exchangeId: soleValue(headers, 'x-request-id'),
    method: soleValue(headers, ':method'),
    path: soleValue(headers, ':path'),
    authority: soleValue(headers, ':authority'),
    headers,
    certificate: certificateOfAttributes(attributes),
  };
}

/** Empty where the header is absent or repeated: an ambiguous fact is no fact. */
function soleValue(headers: readonly Header[], name: string): string {
  const values = headerValues(headers, name);
  return values.length === 1 ? (values[0] ?? '') : '';
}

/** Parsing a certificate costs more than the rest of Check; a connection sends the same one with every request. */
const certificatesMax = 1_000;
const certificates = openMemo<PresentedNames>(certificatesMax);

interface PresentedNames {
  readonly sha256: string;
  /** `URI:…` and `DNS:…`, among others. */
  readonly alternatives: ReadonlySet<string>;
}

function certificateOfCheck(source: CheckPeerMessage | undefined): PeerCertificate | undefined {
  const encoded = source?.certificate ?? '';
  if (encoded === '') {
    return undefined;
  }
  const names = certificates.get(encoded, namesOf);
  const principal = source?.principal ?? '';
  // Without a URI or DNS name Envoy gives the subject, which is no principal here (nor does the other chain see it).
  const isAlternative = names.alternatives.has(`URI:${principal}`) || names.alternatives.has(`DNS:${principal}`);
  return { principal: isAlternative ? principal : undefined, sha256: names.sha256 };
}

function namesOf(encoded: string): PresentedNames {
  const certificate = new X509Certificate(decodeURIComponent(encoded));
  return {
    sha256: Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
    alternatives: new Set(certificate.subjectAltName?.split(', ')),
  };
}

function certificateOfAttributes(attributes: StructMessage | undefined): PeerCertificate | undefined {
  const text = (name: string): string => attributes?.fields?.[name]?.stringValue ?? '';
  const digest = text('connection.sha256_peer_certificate_digest');
  if (digest === '') {
    return undefined;
  }
  const principal = text('connection.uri_san_peer_certificate') || text('connection.dns_san_peer_certificate');
  return { principal: principal === '' ? undefined : principal, sha256: Buffer.from(digest, 'hex').toString('base64url') };
}

/** Which stage of Envoy's configuration opened this stream. */
export interface StageCall {
  readonly stage: string;
  readonly target: string;
  /** Provider → fingerprint, as Envoy's present configuration has them. */
  readonly providers: ReadonlyMap<string, string>;
}

const versionsMax = 100;
const versions = openMemo<ReadonlyMap<string, string>>(versionsMax);

export function decodeStage(metadata: Metadata): StageCall {
  const text = (key: string): string => {
    const [value] = metadata.get(key);
    return typeof value === 'string' ? value : '';
  };
  return { stage: text(STAGE_METADATA.stage), target: text(STAGE_METADATA.target), providers: decodeVersion(text(STAGE_METADATA.config)) };
}

/** `name=fingerprint,…`; the same text comes with every stream until Envoy's configuration changes. */
const decodeVersion = (text: string): ReadonlyMap<string, string> => versions.get(text, readVersion);

const readVersion = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split(',').flatMap((part): [string, string][] => {
      const [name, fingerprint] = part.split('=');
      return name === undefined || fingerprint === undefined ? [] : [[name, fingerprint]];
    }),
  );
