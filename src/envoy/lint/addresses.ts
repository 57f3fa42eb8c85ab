import { classifyAddress } from '../../core/address.ts';
import type { Endpoint } from './model.ts';

/** Names that do not leave the machine, or do not resolve outside a network of one's own. */
const privateName = /^[^.:]+$|\.(?:internal|local|localhost|lan|home\.arpa|svc|test)$/i;

/** This machine alone. */
export const isLoopback = (endpoint: Endpoint): boolean =>
  endpoint.kind === 'pipe' || endpoint.host === 'localhost' || classifyAddress(endpoint.host) === 'loopback';

/** This machine or a network without a way in from outside, as far as the address itself tells. */
export const isPrivate = (endpoint: Endpoint): boolean =>
  isLoopback(endpoint) || (endpoint.kind === 'socket' && (classifyAddress(endpoint.host) === 'private' || privateName.test(endpoint.host)));

export const describeEndpoint = (endpoint: Endpoint): string =>
  endpoint.kind === 'pipe' ? endpoint.path : `${endpoint.host}:${String(endpoint.port ?? '')}`;
