const nanoDigits = 9;

/** Nano-dollars as dollars, exactly and always to the ninth place: `0.000000150`. */
export function formatUsd(nanoUsd: bigint): string {
  const digits = nanoUsd.toString().padStart(nanoDigits + 1, '0');
  return `${digits.slice(0, -nanoDigits)}.${digits.slice(-nanoDigits)}`;
}
