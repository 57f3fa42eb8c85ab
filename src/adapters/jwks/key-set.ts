import { Buffer } from 'node:buffer';
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { isRocaModulus } from './roca.ts';

/** One public key of an issuer that passed every check. */
export interface IssuerKey {
  readonly keyId: string | undefined;
  readonly key: KeyObject;
  /** The algorithms this key may verify; more than one only for RSA without an `alg` of its own, and for the two names of Ed25519. */
  readonly algorithms: ReadonlySet<string>;
}

export interface KeySet {
  readonly keys: readonly IssuerKey[];
  /** Keys that the issuer publishes and that are not used. */
  readonly refusedKeys: number;
}

const keysMax = 256;
const keyIdCharactersMax = 128;
const rsaBitsMin = 2_048;
const rsaBitsMax = 8_192;
const rsaExponent = 65_537n;

type Jwk = Readonly<Record<string, unknown>>;

/** A JWK Set (RFC 7517), filtered once so that no token ever meets a key that should not be used. Undefined where it is none. */
export function parseKeySet(text: string): KeySet | undefined {
  const document = parseJson(text);
  const listed: unknown = isObject(document) ? document['keys'] : undefined;
  if (!Array.isArray(listed) || listed.length > keysMax) {
    return undefined;
  }
  const members: readonly unknown[] = listed;
  const fit = members.map((member) => (isObject(member) ? readKey(member) : undefined)).filter((key) => key !== undefined);
  const keys = withoutSharedIds(fit);
  return { keys, refusedKeys: members.length - keys.length };
}

/** The one key that the claim can mean; undefined where there is none, or where it could be several. */
export function selectKey(set: KeySet, algorithm: string, keyId: string | undefined): KeyObject | undefined {
  const [key, second] = set.keys.filter((each) => each.algorithms.has(algorithm) && (keyId === undefined || each.keyId === keyId));
  return second === undefined ? key?.key : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Jwk => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Two keys under one id leave open which one is meant: neither is used. */
function withoutSharedIds(keys: readonly IssuerKey[]): readonly IssuerKey[] {
  const counts = new Map<string | undefined, number>();
  for (const { keyId } of keys) {
    counts.set(keyId, (counts.get(keyId) ?? 0) + 1);
  }
  return keys.filter(({ keyId }) => keyId === undefined || counts.get(keyId) === 1);
}

/** Members of private keys (RFC 7518 section 6): who publishes one has lost the key. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

function readKey(jwk: Jwk): IssuerKey | undefined {
  const keyId = jwk['kid'];
  const isIdFit = keyId === undefined || (typeof keyId === 'string' && keyId !== '' && keyId.length <= keyIdCharactersMax);
  if (!isIdFit || privateMembers.some((name) => Object.hasOwn(jwk, name)) || !isForVerifying(jwk)) {
    return undefined;
  }
  const algorithms = algorithmsOf(jwk);
  const key = algorithms.size === 0 ? undefined : importKey(jwk);
  return key === undefined ? undefined : { keyId, key, algorithms };
}

function isForVerifying(jwk: Jwk): boolean {
  const { use, key_ops: operations } = jwk;
  const isUseFit = use === undefined || use === 'sig';
  return isUseFit && (operations === undefined || (Array.isArray(operations) && operations.includes('verify')));
}

const algorithmsByKind: ReadonlyMap<string, readonly string[]> = new Map([
  ['RSA', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
  ['EC P-256', ['ES256']],
  ['EC P-384', ['ES384']],
  ['EC P-521', ['ES512']],
  ['OKP Ed25519', ['EdDSA', 'Ed25519']],
]);

/** By kind of key, narrowed by the key's own `alg`. Symmetric keys and unknown curves are no kind at all. */
function algorithmsOf(jwk: Jwk): ReadonlySet<string> {
  const { kty, crv, alg } = jwk;
  const kind = kty === 'RSA' ? 'RSA' : typeof kty === 'string' && typeof crv === 'string' ? `${kty} ${crv}` : '';
  const possible = algorithmsByKind.get(kind) ?? [];
  if (alg === undefined || (kty === 'OKP' && (alg === 'EdDSA' || alg === 'Ed25519'))) {
    return new Set(possible);
  }
  return new Set(possible.filter((each) => each === alg));
}

/** Only the members that make the public key are handed on; OpenSSL checks that the point is on the curve. */
function importKey(jwk: Jwk): KeyObject | undefined {
  const { kty, crv, x, y, n, e } = jwk;
  const parts: Record<string, unknown> = kty === 'RSA' ? { kty, n, e } : kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x };
  const material: JsonWebKey = {};
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value !== 'string') {
      return undefined;
    }
    material[name] = value;
  }
  try {
    const key = createPublicKey({ key: material, format: 'jwk' });
    return key.asymmetricKeyType !== 'rsa' || isRsaFit(key, material.n ?? '') ? key : undefined;
  } catch {
    return undefined;
  }
}

function isRsaFit(key: KeyObject, modulus: string): boolean {
  const { modulusLength: bits = 0, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (bits < rsaBitsMin || bits > rsaBitsMax || publicExponent !== rsaExponent) {
    return false;
  }
  return !isRocaModulus(BigInt(`0x${Buffer.from(modulus, 'base64url').toString('hex')}`));
}
