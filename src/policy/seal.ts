import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { parseCaller, type Caller } from '../core/caller.ts';
import type { Secret } from '../core/secret.ts';
import { fault, next, type Outcome } from '../core/outcome.ts';

/** Check and Process of one exchange follow each other at once; anything older was kept for another purpose. */
const sealAgeMsMax = 30_000;
/** Two sidecar processes of one machine or cluster may answer the two calls. */
const clockSkewMsMax = 5_000;
const sealCharactersMax = 8_192;

/**
 * The key of the seal: derived, so that the pepper itself signs nothing but virtual keys. A key object, because importing plain
 * bytes anew for every MAC costs five times the MAC.
 */
export const deriveSealKey = (pepper: Secret): KeyObject =>
  createSecretKey(createHmac('sha256', pepper.reveal()).update('sallyport caller seal v1').digest());

/**
 * The caller as one sealed value for dynamic metadata. Another ext_authz filter can write into the same namespace; it
 * cannot make this value, nor use that of another exchange.
 */
export function sealCaller(key: KeyObject, caller: Caller, exchangeId: string, nowMs: number): string {
  const payload = Buffer.from(JSON.stringify([nowMs, exchangeId, caller])).toString('base64url');
  return `${payload}.${macOf(key, payload).toString('base64url')}`;
}

/** Opens what `sealCaller` made for this very exchange. Anything else is a fault: somebody is between the two stages. */
export function openSeal(key: KeyObject, sealed: string | undefined, exchangeId: string, nowMs: number): Outcome<Caller> {
  if (sealed === undefined || sealed.length > sealCharactersMax) {
    return fault('seal', 'seal', 'no caller came with the request');
  }
  const dot = sealed.indexOf('.');
  const payload = sealed.slice(0, dot);
  const presented = Buffer.from(sealed.slice(dot + 1), 'base64url');
  const expected = macOf(key, payload);
  if (dot < 0 || presented.length !== expected.length || !timingSafeEqual(presented, expected)) {
    return fault('seal', 'seal', 'the caller was altered on its way');
  }
  return judgePayload(payload, exchangeId, nowMs);
}

/** The MAC has proved that this program wrote the payload; what is in it must still be meant for here and now. */
function judgePayload(payload: string, exchangeId: string, nowMs: number): Outcome<Caller> {
  const read: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
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

const macOf = (key: KeyObject, payload: string): Buffer => createHmac('sha256', key).update(payload).digest();

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
