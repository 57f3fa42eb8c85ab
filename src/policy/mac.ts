import { Buffer } from 'node:buffer';
import { createHmac, createSecretKey } from 'node:crypto';

/** HMAC-SHA-256 (RFC 2104) of a text (as UTF-8) under a key that it keeps to itself. */
export type Mac = (text: string, encoding: 'hex' | 'base64url') => string;

/** The key is imported once: doing so for every text costs more than the hash. */
export function openMac(key: Uint8Array | string): Mac {
  const imported = createSecretKey(typeof key === 'string' ? Buffer.from(key, 'utf8') : key);
  return (text, encoding) => createHmac('sha256', imported).update(text, 'utf8').digest(encoding);
}
