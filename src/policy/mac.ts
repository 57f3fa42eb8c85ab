import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

/** HMAC-SHA-256 (RFC 2104) of a text (as UTF-8) under a key that it keeps to itself. */
export type Mac = (text: string, encoding: 'hex' | 'base64url') => string;

/** Of SHA-256. */
const blockBytes = 64;
const digestBytes = 32;

/** Texts up to here need no memory of their own. */
const textBytesMax = 8_192;

/**
 * RFC 2104 section 2 over Node's SHA-256, with the padded keys made once. `createHmac` gives the same; three of its objects in every
 * request cost as much as the decision.
 */
export function openMac(key: Uint8Array | string): Mac {
  const keyBytes = typeof key === 'string' ? Buffer.from(key, 'utf8') : key;
  const block = Buffer.alloc(blockBytes);
  block.set(keyBytes.length > blockBytes ? hash('sha256', keyBytes, 'buffer') : keyBytes);
  const inner = Buffer.alloc(blockBytes + textBytesMax);
  inner.set(block.map((byte) => byte ^ 0x36));
  const outer = Buffer.alloc(blockBytes + digestBytes);
  outer.set(block.map((byte) => byte ^ 0x5c));
  return (text, encoding) => {
    const innerBytes = blockBytes + Buffer.byteLength(text);
    const message = innerBytes <= inner.length ? inner : Buffer.concat([inner.subarray(0, blockBytes), Buffer.alloc(innerBytes)]);
    message.write(text, blockBytes);
    outer.write(hash('sha256', message.subarray(0, innerBytes), 'binary'), blockBytes, 'latin1');
    return hash('sha256', outer, encoding);
  };
}
