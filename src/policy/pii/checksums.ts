/** Check digits of published schemes. All take digits alone, as ASCII text. */

/** ISO/IEC 7812-1 annex B: from the right, each second digit doubled. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    const weighted = place % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** Multiplication in the dihedral group of order ten: the table of J. Verhoeff, 1969. */
const dihedral = (a: number, b: number): number => {
  if (a < 5) {
    return b < 5 ? (a + b) % 5 : ((a + b) % 5) + 5;
  }
  return b < 5 ? ((a - b + 5) % 5) + 5 : (a - b + 5) % 5;
};
const permutation = '1576283094';

/** Each digit permuted by its place modulo 8, ten digits for each place. */
let permuted = '0123456789';
for (let place = 1; place < 8; place += 1) {
  permuted += permuted.slice(-10).replaceAll(/./g, (digit) => permutation.charAt(Number(digit)));
}

export function passesVerhoeff(digits: string): boolean {
  let check = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    check = dihedral(check, permuted.charCodeAt((place % 8) * 10 + digit) - 48);
  }
  return check === 0;
}

/** The remainder of a decimal number of any length. */
export function remainder(digits: string, divisor: number): number {
  let rest = 0;
  for (let place = 0; place < digits.length; place += 1) {
    rest = (rest * 10 + digits.charCodeAt(place) - 48) % divisor;
  }
  return rest;
}

/** The sum of digits times weights, from the left; what has no weight does not count. */
export function weightedSum(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, place) => sum + weight * (digits.charCodeAt(place) - 48), 0);
}

/** ISO/IEC 7064 MOD 11,10. */
export function passesMod11And10(digits: string): boolean {
  let product = 10;
  for (let place = 0; place < digits.length - 1; place += 1) {
    const sum = (digits.charCodeAt(place) - 48 + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10 === digits.charCodeAt(digits.length - 1) - 48;
}

/** ISO/IEC 7064 MOD 97-10, letters as 10 to 35. */
export function passesMod97(text: string): boolean {
  let rest = 0;
  for (let place = 0; place < text.length; place += 1) {
    const unit = text.charCodeAt(place);
    rest = unit < 58 ? (rest * 10 + unit - 48) % 97 : (rest * 100 + unit - 55) % 97;
  }
  return rest === 1;
}
