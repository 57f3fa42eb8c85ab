import { must } from '../../core/assert.ts';

/** Names of what a quota domain keeps. One hash tag for all: a cluster has them in one slot, so that one script reaches every level. */
export interface Keys {
  /** The name of the store's memory. Without expiry: it is there as long as the memory is. */
  readonly epoch: string;
  /** The latest time that a reserve saw, and on which run of which server. */
  readonly clock: string;
  /** Open holds by the end of their lease. */
  readonly due: string;
  /** Of the statement, the days there are. */
  readonly days: string;
  /** What processes and operators say about a memory that was lost. */
  readonly notes: string;
  readonly hold: (id: string) => string;
  readonly counter: (key: string) => string;
  /** The statement of one day. */
  readonly lines: (day: string) => string;
}

const domainPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Throws `InvariantError` where the domain is no short name of lower-case letters, digits and hyphens. */
export function keysOf(domain?: string): Keys {
  must(domain === undefined || domainPattern.test(domain), 'a quota domain is a name of lower-case letters, digits and hyphens');
  const prefix = domain === undefined ? '{q}:' : `{q:${domain}}:`;
  return {
    epoch: `${prefix}epoch`,
    clock: `${prefix}clock`,
    due: `${prefix}due`,
    days: `${prefix}days`,
    notes: `${prefix}notes`,
    hold: (id) => `${prefix}h:${id}`,
    counter: (key) => `${prefix}c:${key}`,
    lines: (day) => `${prefix}s:${day}`,
  };
}
