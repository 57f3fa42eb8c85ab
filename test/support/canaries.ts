/** A secret that must turn up nowhere but where it belongs. */
export interface Canary {
  readonly name: string;
  readonly value: string;
}

/** A place where secrets could come to light. */
export interface Sink {
  readonly name: string;
  readonly bytes: Buffer | string;
}

/** Shorter pieces could be there by chance. */
const charactersMin = 14;

/** Every form in which a secret is looked for, by the form's name. */
export function formsOf(value: string): ReadonlyMap<string, string> {
  const bytes = Buffer.from(value, 'utf8');
  const middle = Math.ceil(value.length / 2);
  const forms = new Map([
    ['raw', value],
    ['lower case', value.toLowerCase()],
    ['hex', bytes.toString('hex')],
    ['upper-case hex', bytes.toString('hex').toUpperCase()],
    ['URL-encoded', encodeURIComponent(value)],
    ['percent-encoded', bytes.toString('hex').replaceAll(/../g, '%$&')],
    ['first half', value.slice(0, middle)],
    ['second half', value.slice(middle)],
  ]);
  // A secret inside something that was encoded as a whole begins at any of three places of base64.
  for (const shift of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const inner = shifted.slice(shift === 0 ? 0 : 4).replace(/.{0,3}=*$/, '');
    forms.set(`base64, ${String(shift)}`, inner);
    forms.set(`base64url, ${String(shift)}`, inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return new Map([...forms].filter(([, form]) => form.length >= charactersMin));
}

/** Where canaries turned up, in words; empty where none did. */
export function findCanaries(canaries: readonly Canary[], sinks: readonly Sink[]): readonly string[] {
  const searched = canaries.map(({ name, value }) => ({ name, forms: [...formsOf(value)] }));
  return sinks.flatMap((sink) => {
    const text = typeof sink.bytes === 'string' ? sink.bytes : sink.bytes.toString('latin1');
    return searched.flatMap(({ name, forms }) =>
      forms.flatMap(([form, needle]) => (text.includes(needle) ? [`${name} (${form}) in ${sink.name}`] : [])),
    );
  });
}
