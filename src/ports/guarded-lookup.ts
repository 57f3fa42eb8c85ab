import { lookup as lookupName } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { classifyAddress, mayConnect, normaliseAddress, type AddressAllowance } from '../core/address.ts';

/** Where connections of one configured URL may lead. */
export interface AddressGuard {
  /** False where the URL itself names an address that may not be connected to. */
  readonly mayAsk: boolean;
  /** Judges what a name resolves to when it is connected to, so a name that changes its address later leads nowhere. */
  readonly lookup: LookupFunction;
}

/** `refused` makes the error of a connection that may not be. */
export function guardAddresses(url: URL, allowance: AddressAllowance, refused: () => Error): AddressGuard {
  const isTls = url.protocol === 'https:';
  // In clear text anyone on the way could answer: only a network that the operator called its own may carry that.
  const isAllowed = (address: string): boolean => mayConnect(address, allowance) && (isTls || classifyAddress(address) !== 'public');
  const literal = normaliseAddress(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  return { mayAsk: literal === undefined || isAllowed(literal), lookup: guardLookup(isAllowed, refused) };
}

/** One bad address among several refuses them all: which one would be used is chance. */
function guardLookup(isAllowed: (address: string) => boolean, refused: () => Error): LookupFunction {
  return (hostname, options, callback) => {
    lookupName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) {
        callback(refused(), []);
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}
