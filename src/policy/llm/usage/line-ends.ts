import type { Buffer } from 'node:buffer';

export const lf = 0x0a;
export const cr = 0x0d;

/** Finds the next CR or LF at or behind an offset that only grows; -1 where there is none. */
export function openLineEnds(bytes: Buffer): { readonly next: (from: number) => number } {
  // Not sought yet; -1 once there are no more of them.
  let nextLf = -2;
  let nextCr = -2;
  const find = (known: number, byte: number, from: number): number => (known === -1 || known >= from ? known : bytes.indexOf(byte, from));
  return {
    next: (from) => {
      nextLf = find(nextLf, lf, from);
      nextCr = find(nextCr, cr, from);
      return nextCr >= 0 && (nextLf < 0 || nextCr < nextLf) ? nextCr : nextLf;
    },
  };
}
