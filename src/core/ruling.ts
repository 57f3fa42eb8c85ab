/** An answer to an operator: what was found, or the code of the refusal. */
export type Ruling<Found, Code extends string> =
  { readonly kind: 'found'; readonly found: Found } | { readonly kind: 'refused'; readonly code: Code };

export const found = <Found>(value: Found): { readonly kind: 'found'; readonly found: Found } => ({ kind: 'found', found: value });

export const refused = <Code extends string>(code: Code): { readonly kind: 'refused'; readonly code: Code } => ({ kind: 'refused', code });
