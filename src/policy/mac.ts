import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

/** HMAC-SHA-256 of a text (as UTF-8) under a key that it keeps to itself. */
export type Mac = (text: string, encoding: 'hex' | 'base64url') => string;

const algorithm = 'sha256';
const blockBytes = 64;
const digestBytes = 32;
const innerPad = 0x36;
const outerPad = 0x5c;

/** Texts up to this many bytes use the same memory again and again. */
const reusedBytes = 4_096;
/** UTF-8 takes at most so many bytes for one UTF-16 unit. */
const bytesPerUnitMax = 3;

/**
 * HMAC as RFC 2104 section 2 defines it, over one-shot hashes: `createHmac` makes a stream and a native object for every call, which
 * cost more than hashing a few hundred bytes does, and three of them are made for every request.
 */
export function openMac(key: Uint8Array | string): Mac {
  const block = padded(typeof key === 'string' ? Buffer.from(key, 'utf8') : key);
  const inner = Buffer.alloc(blockBytes + reusedBytes);
  inner.set(block.map((byte) => byte ^ innerPad));
  const outer = Buffer.alloc(blockBytes + digestBytes);
  outer.set(block.map((byte) => byte ^ outerPad));
  return (text, encoding) => {
    const room = text.length * bytesPerUnitMax;
    const message = room <= reusedBytes ? inner : Buffer.concat([inner.subarray(0, blockBytes)], blockBytes + room);
    const written = message.write(text, blockBytes, 'utf8');
    outer.write(hash(algorithm, message.subarray(0, blockBytes + written), 'binary'), blockBytes, 'latin1');
    return hash(algorithm, outer, encoding);
  };
}

function padded(key: Uint8Array): Buffer {
  const block = Buffer.alloc(blockBytes);
  block.set(key.length > blockBytes ? hash(algorithm, key, 'buffer') : key);
  return block;
}
