import type { Clock } from '../core/clock.ts';
import { fault, next } from '../core/outcome.ts';
import { openRecent } from '../core/recent.ts';
import type { Mac } from '../policy/mac.ts';
import { judgeSealed, openSeal, openSealMac, sealCaller, sealCharactersMax, type SealedCaller } from '../policy/seal.ts';
import { openPepperMac } from './pepper-mac.ts';
import type { Credentials, Seals } from './ports.ts';

/** The second stage follows the first within milliseconds. */
const keptMax = 1_024;

const sealMac = openPepperMac('seal', openSealMac);

interface Kept extends SealedCaller {
  readonly mac: Mac;
}

/** Every process that shares the pepper opens what another one sealed; what it sealed itself it knows again, and need not read. */
export function openSeals(credentials: Credentials, clock: Clock): Seals {
  const kept = openRecent<Kept>(keptMax);
  return {
    seal(caller, exchangeId, storeMs) {
      const mac = sealMac(credentials);
      if (mac.kind !== 'next') {
        return mac;
      }
      const sealed = { caller, exchangeId, atMs: clock(), storeMs, mac: mac.found };
      const text = sealCaller(mac.found, sealed);
      if (text.length > sealCharactersMax) {
        return fault('seal', 'seal', `the caller takes more than ${String(sealCharactersMax)} characters`);
      }
      kept.set(text, sealed);
      return next(text);
    },
    open(sealed, exchangeId) {
      const mac = sealMac(credentials);
      if (mac.kind !== 'next') {
        return mac;
      }
      const known = sealed === undefined ? undefined : kept.get(sealed);
      const opened = known?.mac === mac.found ? next(known) : openSeal(mac.found, sealed);
      return opened.kind === 'next' ? judgeSealed(opened.found, exchangeId, clock()) : opened;
    },
  };
}
