import type { Ranked } from '../detect/detector-set.ts';
import { aadhaar } from './aadhaar.ts';
import { auAbn, auMedicare, auTfn } from './au-numbers.ts';
import { brCnpj, brCpf } from './br-numbers.ts';
import { caSin } from './ca-sin.ts';
import { card, cardInOtherGroups } from './card.ts';
import { bitcoinAddress, ethereumAddress } from './crypto-address.ts';
import { deIdCard } from './de-id-card.ts';
import { deTaxId } from './de-tax-id.ts';
import { email } from './email.ts';
import { esNif } from './es-nif.ts';
import { frNir } from './fr-nir.ts';
import { gbNhs } from './gb-nhs.ts';
import { gbNino } from './gb-nino.ts';
import { gstin } from './gstin.ts';
import { iban, ibanInGroups } from './iban.ts';
import { inPan } from './in-pan.ts';
import { inVoterId } from './in-voter-id.ts';
import { ipv4, ipv6 } from './ip.ts';
import { itFiscalCode } from './it-fiscal-code.ts';
import { macAddress } from './mac-address.ts';
import { gbPassport, inPassport, usPassport } from './passports.ts';
import { phoneInternational, phoneNational } from './phone.ts';
import { sgNric } from './sg-nric.ts';
import { urlCredentials } from './url-credentials.ts';
import { usItin } from './us-itin.ts';
import { usSsn } from './us-ssn.ts';

/** One detector as settings and documentation name it. */
export interface Registered extends Ranked {
  /** What is found, for people. The same for all detectors of an entity. */
  readonly about: string;
}

/** Why a match is believed, the weakest first: where detectors find the same text, the better reason names it. */
const by = { words: 1, form: 2, checksum: 3, structure: 4 } as const;

/** All detectors of personal data. Of the same priority and the same length, the one that stands first gives the name. */
export const piiDetectors: readonly Registered[] = [
  { detector: email, priority: by.structure, about: 'e-mail addresses' },
  { detector: urlCredentials, priority: by.structure, about: 'URLs with a user and a password' },
  { detector: phoneInternational, priority: by.form, about: 'phone numbers' },
  { detector: phoneNational, priority: by.words, about: 'phone numbers' },
  { detector: aadhaar, priority: by.checksum, about: 'Indian Aadhaar numbers' },
  { detector: frNir, priority: by.checksum, about: 'French social security numbers (NIR)' },
  { detector: card, priority: by.checksum, about: 'payment card numbers' },
  { detector: cardInOtherGroups, priority: by.checksum, about: 'payment card numbers' },
  { detector: iban, priority: by.checksum, about: 'international bank account numbers' },
  { detector: ibanInGroups, priority: by.checksum, about: 'international bank account numbers' },
  { detector: ipv4, priority: by.structure, about: 'IP addresses, version 4 and 6' },
  { detector: ipv6, priority: by.structure, about: 'IP addresses, version 4 and 6' },
  { detector: macAddress, priority: by.structure, about: 'hardware addresses' },
  { detector: bitcoinAddress, priority: by.checksum, about: 'Bitcoin and Ethereum addresses' },
  { detector: ethereumAddress, priority: by.checksum, about: 'Bitcoin and Ethereum addresses' },
  { detector: usSsn, priority: by.form, about: 'US social security numbers' },
  { detector: usItin, priority: by.form, about: 'US individual taxpayer numbers' },
  { detector: usPassport, priority: by.words, about: 'US passport numbers' },
  { detector: inPan, priority: by.form, about: 'Indian permanent account numbers' },
  { detector: gstin, priority: by.checksum, about: 'Indian GST identification numbers' },
  { detector: inVoterId, priority: by.words, about: 'Indian voter card numbers' },
  { detector: inPassport, priority: by.words, about: 'Indian passport numbers' },
  { detector: gbNino, priority: by.form, about: 'British national insurance numbers' },
  { detector: gbNhs, priority: by.checksum, about: 'British NHS numbers' },
  { detector: gbPassport, priority: by.words, about: 'British passport numbers' },
  { detector: deTaxId, priority: by.checksum, about: 'German tax identification numbers' },
  { detector: deIdCard, priority: by.words, about: 'German identity card and passport numbers' },
  { detector: esNif, priority: by.checksum, about: 'Spanish NIF and NIE' },
  { detector: itFiscalCode, priority: by.checksum, about: 'Italian fiscal codes of persons' },
  { detector: auTfn, priority: by.checksum, about: 'Australian tax file numbers' },
  { detector: auMedicare, priority: by.checksum, about: 'Australian Medicare numbers' },
  { detector: auAbn, priority: by.checksum, about: 'Australian business numbers' },
  { detector: caSin, priority: by.checksum, about: 'Canadian social insurance numbers' },
  { detector: sgNric, priority: by.checksum, about: 'Singaporean NRIC and FIN' },
  { detector: brCpf, priority: by.checksum, about: 'Brazilian CPF' },
  { detector: brCnpj, priority: by.checksum, about: 'Brazilian CNPJ' },
];
