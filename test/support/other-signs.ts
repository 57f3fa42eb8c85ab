/** Signs that are written for those of ASCII: a space, a hyphen, and the digit 0, the first of its ten. */
export interface OtherSigns {
  readonly name: string;
  readonly space: string;
  readonly hyphen: string;
  readonly zero: string;
}

export const otherSigns: readonly [OtherSigns, ...OtherSigns[]] = [
  { name: 'signs that do not break', space: '\u00a0', hyphen: '\u2011', zero: '0' },
  { name: 'a narrow space and an en dash', space: '\u202f', hyphen: '\u2013', zero: '0' },
  { name: 'a thin space and a true hyphen', space: '\u2009', hyphen: '\u2010', zero: '0' },
  { name: 'a figure space and a figure dash', space: '\u2007', hyphen: '\u2012', zero: '0' },
  { name: 'a minus', space: ' ', hyphen: '\u2212', zero: '0' },
  { name: 'full width', space: '\u3000', hyphen: '\uff0d', zero: '\uff10' },
  { name: 'Devanagari digits', space: ' ', hyphen: '-', zero: '\u0966' },
  { name: 'Persian digits', space: ' ', hyphen: '-', zero: '\u06f0' },
];

/** The text, as long as before, in these signs. */
export const withSigns = (text: string, { space, hyphen, zero }: OtherSigns): string =>
  text.replaceAll(/[ \d-]/g, (sign) =>
    sign === ' ' ? space : sign === '-' ? hyphen : String.fromCharCode(zero.charCodeAt(0) + Number(sign)),
  );
