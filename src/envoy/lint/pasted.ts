import { CREDENTIAL_HEADERS, INTERNAL_HEADER_PREFIX } from '../../core/headers.ts';
import { looksLikeSecretValue } from '../../core/secret-shape.ts';
import { isSentFigure } from './attempts.ts';
import { error, reporter, type Finding } from './finding.ts';
import type { Inspection } from './inspection.ts';
import { at, fields, isPresent, items, textOf, type Place } from './place.ts';
import { everything } from './printed.ts';

export const PASTED = {
  'pasted-key': error(
    'something that looks like a key stands in the configuration; revoke it, and let Sallyport serve the new one from a secret manager',
    'Header values and gRPC metadata are shown by /config_dump as they are, and files are copied, committed and backed up.',
  ),
  'credential-header-set': error(
    'the configuration itself sets a header that only Sallyport may set; remove it',
    'A credential set here is used without a decision, a route header chooses a route without one, and a false count of bytes hides that a target may have billed.',
  ),
} as const;

const find = reporter(PASTED);

/** Fields with digests, which look random and are no secret. */
const DIGESTS: ReadonlySet<string> = new Set(['verify_certificate_spki', 'verify_certificate_hash', 'sha256']);

const certificates = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g;

export function* judgePasted({ model }: Inspection): Generator<Finding> {
  for (const place of everything(model)) {
    const text = DIGESTS.has(place.field) ? undefined : textOf(place)?.replace(certificates, '');
    if (text !== undefined && looksLikeSecretValue(text)) {
      yield find('pasted-key', place);
    }
    yield* judgeHeader(place);
  }
  for (const secret of items(at(model.bootstrap, 'static_resources', 'secrets'))) {
    for (const [kind, content] of fields(at(secret, 'generic_secret'))) {
      if (kind === 'secret' && ['inline_string', 'inline_bytes'].some((field) => isPresent(at(content, field)))) {
        yield find('pasted-key', content);
      }
    }
  }
}

/** A header that is set (`{header: {key, value}}`, `{append: {header}}`), or an entry of gRPC metadata (`{key, value}`). */
function* judgeHeader(place: Place & { readonly field: string }): Generator<Finding> {
  const sent = place.field.endsWith('initial_metadata');
  const header = sent ? place : at(place, 'header');
  const name = textOf(at(header, 'key'))?.toLowerCase();
  if (name === undefined || Array.isArray(place.value) || isSentFigure(place)) {
    return;
  }
  const credentials: readonly string[] = CREDENTIAL_HEADERS;
  if (credentials.includes(name) || (!sent && name.startsWith(INTERNAL_HEADER_PREFIX))) {
    yield find('credential-header-set', header, name);
  }
}
