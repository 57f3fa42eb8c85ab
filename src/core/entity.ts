/** Personal data, as policies name it. */
export const PERSONAL_ENTITIES = [
  'email',
  'phone',
  'card',
  'iban',
  'ip',
  'mac_address',
  'crypto_address',
  'url_credentials',
  'aadhaar',
  'in_pan',
  'gstin',
  'in_voter_id',
  'in_passport',
  'us_ssn',
  'us_itin',
  'us_passport',
  'gb_nino',
  'gb_nhs',
  'gb_passport',
  'de_tax_id',
  'de_id_card',
  'fr_nir',
  'es_nif',
  'it_fiscal_code',
  'au_tfn',
  'au_medicare',
  'au_abn',
  'ca_sin',
  'sg_nric',
  'br_cpf',
  'br_cnpj',
] as const;

/** Credentials: by their own form or the words before them, and (generic) whatever is assigned to a name such as `password`. */
export const SECRET_ENTITIES = ['secret', 'secret_generic'] as const;

/** All personal data together, in settings. */
export const PERSONAL_GROUP = 'personal';

const secrets: ReadonlySet<string> = new Set(SECRET_ENTITIES);
/** What is never brought back: nobody needs to see a credential again that should not have been sent. */
export const isSecretEntity = (entity: string): boolean => secrets.has(entity);
