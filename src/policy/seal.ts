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
export const sealCharactersMax = 8_192;
/** Of SHA-256 in base64url without padding. */
const macCharacters = 43;

/** What seals: under a key that is derived, so that the pepper itself signs nothing but virtual keys. */
export const openSealMac = (pepper: Secret): Mac =>
  openMac(Buffer.from(openMac(pepper.reveal())('sallyport caller seal v1', 'hex'), 'hex'));

/** A caller on its way from the stage that identified it to the one that decides. */
export interface SealedCaller {
  readonly caller: Caller;
  /** The only exchange it is for. */
  readonly exchangeId: string;
  /** When it was sealed, epoch milliseconds. */
  readonly atMs: number;
  /** What the exchange had waited for stores by then: all stages share one deadline. Milliseconds. */
  readonly storeMs: number;
}

/**
 * The caller as one sealed value for dynamic metadata. Another ext_authz filter can write into the same namespace; it
 * cannot make this value, nor use that of another exchange.
 */
export function sealCaller(mac: Mac, { caller, exchangeId, atMs, storeMs }: SealedCaller): string {
  const payload = JSON.stringify([atMs, exchangeId, caller, storeMs]);
  return mac(payload, 'base64url') + payload;
}

/** Opens what `sealCaller` made. Anything else is a fault: somebody is between the two stages. */
export function openSeal(mac: Mac, sealed: string | undefined): Outcome<SealedCaller> {
  if (sealed === undefined || sealed.length > sealCharactersMax) {
    return fault('seal', 'seal', 'no caller came with the request');
  }
  const payload = sealed.slice(macCharacters);
  const presented = Buffer.from(sealed.slice(0, macCharacters), 'utf8');
  const expected = Buffer.from(mac(payload, 'base64url'), 'latin1');
  if (presented.length !== expected.length || !timingSafeEqual(presented, expected)) {
    return fault('seal', 'seal', 'the caller was altered on its way');
  }
  return readPayload(payload);
}

/** The MAC has proved that this program wrote the payload, if perhaps in another version. */
function readPayload(payload: string): Outcome<SealedCaller> {
  const read: unknown = JSON.parse(payload);
  const [atMs, exchangeId, sealedCaller, storeMs] = isList(read) ? read : [];
  const caller = parseCaller(sealedCaller);
  return caller === undefined || typeof atMs !== 'number' || typeof exchangeId !== 'string' || typeof storeMs !== 'number'
    ? fault('seal', 'seal', 'the caller was sealed by another version')
    : next({ caller, exchangeId, atMs, storeMs });
}

/** What was sealed must be meant for here and now. */
export function judgeSealed(sealed: SealedCaller, exchangeId: string, nowMs: number): Outcome<SealedCaller> {
  if (sealed.exchangeId !== exchangeId) {
    return fault('seal', 'seal', 'the caller belongs to another exchange');
  }
  if (nowMs - sealed.atMs > sealAgeMsMax || sealed.atMs - nowMs > clockSkewMsMax) {
    return fault('seal', 'seal', 'the caller is stale');
  }
  return next(sealed);
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
