import { Buffer } from 'node:buffer';
import { timingSafeEqual } from 'node:crypto';
import { parseCaller, type Caller } from '../core/caller.ts';
import type { Secret } from '../core/secret.ts';
import { fault, next, type Outcome } from '../core/outcome.ts';
import { openMac, type Mac } from './mac.ts';

/** Check and Process of one exchange follow each other at once; anything older was kept for another purpose. */
const sealAgeMsMax = 30_000;
/** Two sidecar processes of one machine or cluster may answer the two calls. */
const clockSkewMsMax = 5_000;
const sealCharactersMax = 8_192;
/** Of SHA-256 in base64url without padding. */
const macCharacters = 43;

/** What seals: under a key that is derived, so that the pepper itself signs nothing but virtual keys. */
export const openSealMac = (pepper: Secret): Mac =>
  openMac(Buffer.from(openMac(pepper.reveal())('sallyport caller seal v1', 'hex'), 'hex'));

/**
 * The caller as one sealed value for dynamic metadata. Another ext_authz filter can write into the same namespace; it
 * cannot make this value, nor use that of another exchange.
 */
export function sealCaller(mac: Mac, caller: Caller, exchangeId: string, nowMs: number): string {
  const payload = JSON.stringify([nowMs, exchangeId, caller]);
  return mac(payload, 'base64url') + payload;
}

/** Opens what `sealCaller` made for this very exchange. Anything else is a fault: somebody is between the two stages. */
export function openSeal(mac: Mac, sealed: string | undefined, exchangeId: string, nowMs: number): Outcome<Caller> {
  if (sealed === undefined || sealed.length > sealCharactersMax) {
    return fault('seal', 'seal', 'no caller came with the request');
  }
  const payload = sealed.slice(macCharacters);
  const presented = Buffer.from(sealed.slice(0, macCharacters), 'utf8');
  const expected = Buffer.from(mac(payload, 'base64url'), 'latin1');
  if (presented.length !== expected.length || !timingSafeEqual(presented, expected)) {
    return fault('seal', 'seal', 'the caller was altered on its way');
  }
  return judgePayload(payload, exchangeId, nowMs);
}

/** The MAC has proved that this program wrote the payload; what is in it must still be meant for here and now. */
function judgePayload(payload: string, exchangeId: string, nowMs: number): Outcome<Caller> {
  const read: unknown = JSON.parse(payload);
  const [issuedMs, sealedFor, sealedCaller] = isList(read) ? read : [];
  const caller = parseCaller(sealedCaller);
  if (caller === undefined || typeof issuedMs !== 'number') {
    return fault('seal', 'seal', 'the caller was sealed by another version');
  }
  if (sealedFor !== exchangeId) {
    return fault('seal', 'seal', 'the caller belongs to another exchange');
  }
  if (nowMs - issuedMs > sealAgeMsMax || issuedMs - nowMs > clockSkewMsMax) {
    return fault('seal', 'seal', 'the caller is stale');
  }
  return next(caller);
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
