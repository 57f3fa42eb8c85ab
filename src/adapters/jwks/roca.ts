const generator = 65_537n;

// The primes below 168 modulo which the powers of 65537 leave out some residues.
const primes = [
  3n,
  5n,
  7n,
  11n,
  13n,
  17n,
  19n,
  23n,
  29n,
  31n,
  37n,
  41n,
  43n,
  47n,
  53n,
  59n,
  61n,
  67n,
  71n,
  73n,
  79n,
  83n,
  89n,
  97n,
  101n,
  103n,
  107n,
  109n,
  113n,
  127n,
  131n,
  137n,
  139n,
  149n,
  151n,
  157n,
  163n,
  167n,
] as const;

function powersModulo(prime: bigint): ReadonlySet<bigint> {
  const powers = new Set<bigint>();
  for (let power = 1n; !powers.has(power); power = (power * generator) % prime) {
    powers.add(power);
  }
  return powers;
}

const residues = primes.map((prime) => ({ prime, powers: powersModulo(prime) }));

/**
 * True for moduli of the flawed generator known as ROCA (CVE-2017-15361): modulo each small prime they are a power of 65537, which a
 * sound modulus is with a chance far below one in a million. Such keys can be factored.
 */
export const isRocaModulus = (modulus: bigint): boolean => residues.every(({ prime, powers }) => powers.has(modulus % prime));
