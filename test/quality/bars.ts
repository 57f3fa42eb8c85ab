/** What each entity must reach, on data that the detectors were not written against. Those not named here are reported only. */
export const bars: ReadonlyMap<string, { readonly recall: number; readonly precision: number }> = new Map([
  ['card', { recall: 0.98, precision: 0.97 }],
  ['email', { recall: 1, precision: 0.98 }],
  ['us_ssn', { recall: 1, precision: 0.98 }],
  ['iban', { recall: 1, precision: 0.98 }],
  ['ip', { recall: 1, precision: 0.98 }],
  ['phone', { recall: 0.75, precision: 0.75 }],
  ['aadhaar', { recall: 0.98, precision: 0.98 }],
  ['in_pan', { recall: 0.98, precision: 0.98 }],
  ['gstin', { recall: 0.98, precision: 0.98 }],
  ['secret (prefix)', { recall: 0.97, precision: 0.97 }],
  // Of what holds none, the share in which nothing is found.
  ['secret (clean)', { recall: 1, precision: 0.97 }],
  ['injection (ignore previous)', { recall: 0.8, precision: 1 }],
  ['injection (ignore previous, put aside)', { recall: 0.8, precision: 1 }],
  ['injection (honest)', { recall: 1, precision: 0.97 }],
]);
