/** What a policy may name, beside the patterns of its own settings. */
export interface Entity {
  /** As settings, logs and placeholders write it. */
  readonly name: string;
  /**
   * `personal` = personal data that a form or a checksum tells; `name` = names of persons, which nothing tells for certain; `secret` = credentials, never brought back; `link` = what carries data away
   * once it is shown.
   */
  readonly kind: 'personal' | 'name' | 'secret' | 'link';
  /** What is found, for people. */
  readonly about: string;
  /** Where it makes sense to look for it. */
  readonly directions: readonly ('request' | 'response')[];
}

const both = ['request', 'response'] as const;
const personal = (name: string, about: string): Entity => ({ name, kind: 'personal', about, directions: both });

/** Names of persons: what an analyzer may find, too. */
export const PERSON = 'person';

/** Each once. A detector says by its `entity` which of them it finds. */
export const ENTITIES: readonly Entity[] = [
  personal('email', 'e-mail addresses'),
  personal('phone', 'phone numbers'),
  personal('card', 'payment card numbers'),
  personal('iban', 'international bank account numbers'),
  personal('ip', 'IP addresses, version 4 and 6'),
  personal('mac_address', 'hardware addresses'),
  personal('crypto_address', 'Bitcoin and Ethereum addresses'),
  personal('url_credentials', 'URLs with a user and a password'),
  personal('aadhaar', 'Indian Aadhaar numbers'),
  personal('in_pan', 'Indian permanent account numbers'),
  personal('gstin', 'Indian GST identification numbers'),
  personal('in_voter_id', 'Indian voter card numbers'),
  personal('in_passport', 'Indian passport numbers'),
  personal('us_ssn', 'US social security numbers'),
  personal('us_itin', 'US individual taxpayer numbers'),
  personal('us_passport', 'US passport numbers'),
  personal('gb_nino', 'British national insurance numbers'),
  personal('gb_nhs', 'British NHS numbers'),
  personal('gb_passport', 'British passport numbers'),
  personal('de_tax_id', 'German tax identification numbers'),
  personal('de_id_card', 'German identity card and passport numbers'),
  personal('fr_nir', 'French social security numbers (NIR)'),
  personal('es_nif', 'Spanish NIF and NIE'),
  personal('it_fiscal_code', 'Italian fiscal codes of persons'),
  personal('au_tfn', 'Australian tax file numbers'),
  personal('au_medicare', 'Australian Medicare numbers'),
  personal('au_abn', 'Australian business numbers'),
  personal('ca_sin', 'Canadian social insurance numbers'),
  personal('sg_nric', 'Singaporean NRIC and FIN'),
  personal('br_cpf', 'Brazilian CPF'),
  personal('br_cnpj', 'Brazilian CNPJ'),
  { name: PERSON, kind: 'name', about: 'names of persons', directions: both },
  { name: 'secret', kind: 'secret', about: 'credentials that their form or the words before them tell', directions: both },
  { name: 'secret_generic', kind: 'secret', about: 'values that are assigned to names such as `password`', directions: both },
  {
    name: 'exfiltration_link',
    kind: 'link',
    about: 'Markdown and HTML images and links that carry data to a host that is not trusted',
    directions: ['response'],
  },
];

export const ENTITY_NAMES: ReadonlySet<string> = new Set(ENTITIES.map(({ name }) => name));

const namesOf = (kind: Entity['kind']): readonly string[] => ENTITIES.filter((entity) => entity.kind === kind).map(({ name }) => name);

export const PERSONAL_ENTITIES = namesOf('personal');
export const SECRET_ENTITIES = namesOf('secret');

/** All personal data together, in settings. */
export const PERSONAL_GROUP = 'personal';

const secrets: ReadonlySet<string> = new Set(SECRET_ENTITIES);
/** What is never brought back: nobody needs to see a credential again that should not have been sent. */
export const isSecretEntity = (entity: string): boolean => secrets.has(entity);
