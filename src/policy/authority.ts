import { deny, next, type Outcome } from '../core/outcome.ts';

/** A name or an address, and perhaps a port (RFC 9110 section 7.2); underscores as container networks have them. */
const onePlace = /^(?:[\w.-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/**
 * The host that the request is for must be one. It decides nothing here, but two of them, or one with a user, a path or a
 * list in it, is a request that somebody on its way reads differently.
 */
export const judgeAuthority = (authority: string): Outcome<null> =>
  onePlace.test(authority) ? next(null) : deny('request_invalid', 'authority', 'The Host header must be one host, with or without a port.');
