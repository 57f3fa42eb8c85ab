import type { Detector } from '../detect/detector.ts';
import type { Ranked } from '../detect/detector-set.ts';
import { aadhaar } from './aadhaar.ts';
import { auAbn, auMedicare, auTfn } from './au-numbers.ts';
import { brCnpj, brCpf } from './br-numbers.ts';
import { caSin } from './ca-sin.ts';
import { card, cardInOtherGroups } from './card.ts';
import { bitcoinAddress, ethereumAddress } from './crypto-address.ts';
import { deIdCard } from './de-id-card.ts';
import { deTaxId } from './de-tax-id.ts';
import { email, emailInUrl } from './email.ts';
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
import { phoneInUrl } from './phone-in-url.ts';
import { phoneInternational, phoneNational } from './phone.ts';
import { sgNric } from './sg-nric.ts';
import { urlCredentials } from './url-credentials.ts';
import { usItin } from './us-itin.ts';
import { usSsn } from './us-ssn.ts';

/** One of ours: its patterns are regular expressions. */
interface Registered extends Ranked {
  readonly detector: Detector;
}

/** Why a match is believed, the weakest first: where detectors find the same text, the better reason names it. */
const by = { words: 1, form: 2, checksum: 3, structure: 4 } as const;

/** All detectors of personal data. Of the same priority and the same length, the one that stands first gives the name. */
export const piiDetectors: readonly Registered[] = [
  { detector: email, priority: by.structure },
  { detector: emailInUrl, priority: by.structure },
  { detector: urlCredentials, priority: by.structure },
  { detector: phoneInternational, priority: by.form },
  { detector: phoneInUrl, priority: by.form },
  { detector: phoneNational, priority: by.words },
  { detector: aadhaar, priority: by.checksum },
  { detector: frNir, priority: by.checksum },
  { detector: card, priority: by.checksum },
  { detector: cardInOtherGroups, priority: by.checksum },
  { detector: iban, priority: by.checksum },
  { detector: ibanInGroups, priority: by.checksum },
  { detector: ipv4, priority: by.structure },
  { detector: ipv6, priority: by.structure },
  { detector: macAddress, priority: by.structure },
  { detector: bitcoinAddress, priority: by.checksum },
  { detector: ethereumAddress, priority: by.checksum },
  { detector: usSsn, priority: by.form },
  { detector: usItin, priority: by.form },
  { detector: usPassport, priority: by.words },
  { detector: inPan, priority: by.form },
  { detector: gstin, priority: by.checksum },
  { detector: inVoterId, priority: by.words },
  { detector: inPassport, priority: by.words },
  { detector: gbNino, priority: by.form },
  { detector: gbNhs, priority: by.checksum },
  { detector: gbPassport, priority: by.words },
  { detector: deTaxId, priority: by.checksum },
  { detector: deIdCard, priority: by.words },
  { detector: esNif, priority: by.checksum },
  { detector: itFiscalCode, priority: by.checksum },
  { detector: auTfn, priority: by.checksum },
  { detector: auAbn, priority: by.checksum },
  { detector: caSin, priority: by.checksum },
  { detector: sgNric, priority: by.checksum },
  { detector: brCpf, priority: by.checksum },
  { detector: auMedicare, priority: by.checksum },
  { detector: brCnpj, priority: by.checksum },
];
