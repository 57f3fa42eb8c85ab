import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Labelled } from './labelled.ts';

const Line = z.object({
  text: z.string(),
  spans: z.array(z.object({ start: z.number().int(), end: z.number().int(), entity: z.string() })),
});

/** What others call our entities, in capitals. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['CREDIT_CARD', 'card'],
  ['CREDITCARD', 'card'],
  ['CREDIT_CARD_NUMBER', 'card'],
  ['CREDITCARDNUMBER', 'card'],
  ['CREDIT_DEBIT_CARD_NUMBER', 'card'],
  ['EMAIL_ADDRESS', 'email'],
  ['PHONE_NUMBER', 'phone'],
  ['PHONENUMBER', 'phone'],
  ['TELEPHONE', 'phone'],
  ['TELEPHONENUM', 'phone'],
  ['IP_ADDRESS', 'ip'],
  ['IPV4', 'ip'],
  ['IPV6', 'ip'],
  ['IBAN_CODE', 'iban'],
  ['INTERNATIONAL_BANK_ACCOUNT_NUMBER', 'iban'],
  ['SSN', 'us_ssn'],
  ['SOCIALNUM', 'us_ssn'],
  ['ITIN', 'us_itin'],
  ['MAC', 'mac_address'],
  ['CRYPTO', 'crypto_address'],
  ['BITCOINADDRESS', 'crypto_address'],
  ['ETHEREUMADDRESS', 'crypto_address'],
  ['IN_AADHAAR', 'aadhaar'],
  ['PAN', 'in_pan'],
  ['IN_GSTIN', 'gstin'],
  ['IN_VOTER', 'in_voter_id'],
  ['UK_NHS', 'gb_nhs'],
  ['UK_NINO', 'gb_nino'],
  ['UK_PASSPORT', 'gb_passport'],
  ['ES_NIE', 'es_nif'],
  ['SG_NRIC_FIN', 'sg_nric'],
]);

/** Our name for a label; its own, in small letters, where it is none of ours. */
export const entityOf = (label: string): string => synonyms.get(label.toUpperCase()) ?? label.toLowerCase();

/** Reads lines of `{text, spans: [{start, end, entity}]}`, places in UTF-16 units. Throws with the line's number. */
export function readLabelled(path: string): readonly Labelled[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => parseLine(line, `${path}:${String(number)}`));
}

function parseLine(line: string, place: string): Labelled {
  const parsed = Line.safeParse(readJson(line, place));
  if (!parsed.success) {
    throw new Error(
      `${place}: each line must be {"text": "…", "spans": [{"start": 0, "end": 1, "entity": "…"}]}: ${z.prettifyError(parsed.error)}`,
    );
  }
  const { text, spans } = parsed.data;
  return { text, spans: spans.map((span) => ({ ...span, entity: entityOf(span.entity) })) };
}

function readJson(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`${place}: the line is no JSON`, { cause: error });
  }
}
