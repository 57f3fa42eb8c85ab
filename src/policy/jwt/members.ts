import { TextDecoder } from 'node:util';
import type { ScanLimits } from '../json/document.ts';
import { scanDocument } from '../json/scan.ts';

/** Far above what issuers send (a token has 8 KiB), far below what costs time. */
const scanLimits: ScanLimits = { depthMax: 16, valuesMax: 4_096, namesMax: 1_024, nameBytesMax: 256 };

/** The members of a JSON object by their own names: no prototype, so no name means more than it says. */
export type Members = ReadonlyMap<string, unknown>;

/** Undefined for what two readers could read differently (duplicate names at any depth, bad UTF-8, numbers beyond a double) or is no object. */
export function parseMembers(bytes: Uint8Array): Members | undefined {
  if (scanDocument(bytes, scanLimits).kind === 'refused') {
    return undefined;
  }
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  return membersOf(value);
}

/** Undefined where `value` is not an object; an array is none. */
export function membersOf(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : undefined;
}
