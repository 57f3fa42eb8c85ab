import type { EntitySource } from '../entity-source.ts';
import type { Random } from '../random.ts';
import { hex, lower, upper } from '../random-text.ts';

const names: readonly [string, ...string[]] = [
  'jane',
  'john',
  'priya',
  'arjun',
  'maria',
  'lukas',
  'chloe',
  'wei',
  'fatima',
  'o.neil',
  'a',
  'jean-luc',
  'k_ito',
  'sven99',
];
const domains: readonly [string, ...string[]] = [
  'example.com',
  'gmail.com',
  'mail.example.co.uk',
  'firma.de',
  'societe.fr',
  'empresa.com.br',
  'startup.io',
  'uni-berlin.de',
  'x.ai',
  'dept.gov.in',
  'corp.example.museum',
  'post.example.photography',
  'mail.ru',
  'acme.technology',
  'sub.sub2.example.org',
  'yahoo.co.in',
  'proton.me',
  'example.travel',
];

function email(random: Random): string {
  const name = random.pick(names);
  const local = random.pick([
    name,
    `${name}.${random.text(6, lower)}`,
    `${name}${random.digits(3)}`,
    `${name}+${random.text(4, lower)}`,
    name.toUpperCase(),
  ]);
  // Some stand in URLs.
  return random.int(8) === 0 ? `${encodeURIComponent(local)}%40${random.pick(domains)}` : `${local}@${random.pick(domains)}`;
}

function ip(random: Random): string {
  const octet = (): string => String(random.int(256));
  const v4 = random.pick([
    `${String(1 + random.int(222))}.${octet()}.${octet()}.${String(10 + random.int(245))}`,
    `192.168.${octet()}.${octet()}`,
    `10.${octet()}.${octet()}.${String(10 + random.int(245))}`,
  ]);
  const group = (): string => random.text(1 + random.int(4), hex).replace(/^0+(?=.)/, '');
  const full = Array.from({ length: 8 }, group).join(':');
  return random.pick([
    v4,
    v4,
    full,
    `2001:db8:${group()}::${group()}`,
    `fe80::${group()}:${group()}:${group()}:${group()}`,
    full.toUpperCase(),
  ]);
}

/** Written forms by country: # is a digit, and the first digits are those that its plan assigns. */
const phoneForms: readonly [string, ...string[]] = [
  '+1 2025550###',
  '+1 (415) 555-0###',
  '(212) 555-0###',
  '312-555-0###',
  '646.555.0###',
  '1-800-555-0###',
  '617-555-0### x###',
  '2025550###',
  '+44 20 7946 0###',
  '020 7946 0###',
  '07700 900###',
  '+447700900###',
  '(0161) 496 0###',
  '01632 960###',
  '+91 98### #####',
  '98### #####',
  '+9198########',
  '091 98########',
  '09845######',
  '98########',
  '022-2345####',
  '+91-22-2345-####',
  '+49 30 2312####',
  '030 2312####',
  '0151 2345####',
  '+49 (0)89 2312###',
  '089/2312###',
  '+4915123456###',
  '+33 1 42 68 5# ##',
  '01 42 68 5# ##',
  '06 12 34 5# ##',
  '06.12.34.5#.##',
  '+33612345###',
  '+34 612 34 5# ##',
  '612 34 5# ##',
  '+34 91 234 5# ##',
  '91 234 5# ##',
  '612345###',
  '+39 06 1234 5###',
  '06 1234 5###',
  '333 123 4###',
  '+39 333 1234###',
  '3331234###',
  '+61 2 5550 ####',
  '(02) 5550 ####',
  '0491 570 ###',
  '+61 491 570 ###',
  '0491570###',
  '+1 416-555-0###',
  '(604) 555-0###',
  '+65 6123 4###',
  '6123 4###',
  '9123 4###',
  '+65 9123 4###',
  '+55 11 91234-5###',
  '(11) 91234-5###',
  '(21) 2345-6###',
  '11 91234-5###',
  '+5511912345###',
];

const phone = (random: Random): string => random.pick(phoneForms).replaceAll('#', () => random.digits(1));

const secret = `${lower}${upper}0123456789!$-_`;
const url = (random: Random): string =>
  `${random.pick(['postgres', 'mysql', 'mongodb+srv', 'redis', 'amqp', 'https', 'ftp', 'smtp'])}://${random.pick(['app', 'root', 'admin', 'svc-1', ''])}:${random.text(8 + random.int(20), secret)}@${random.pick(['db.example.com', 'localhost', '10.1.2.34', 'cache-1.internal'])}:${String(1000 + random.int(9000))}`;

function mac(random: Random): string {
  const pairs = Array.from({ length: 6 }, () => random.text(2, hex));
  return random.pick([pairs.join(':'), pairs.join('-').toUpperCase(), pairs.join(':').toUpperCase()]);
}

export const contact: readonly EntitySource[] = [
  { entity: 'email', value: email, labels: ['e-mail', 'email', 'mail address', 'E-Mail-Adresse', 'adresse mail', 'correo', 'ईमेल'] },
  { entity: 'ip', value: ip, labels: ['IP', 'IP address', 'client ip', 'remote address', 'IP-Adresse', 'adresse IP', 'dirección IP'] },
  {
    entity: 'phone',
    value: phone,
    labels: [
      'phone',
      'phone number',
      'mobile',
      'cell',
      'tel',
      'contact number',
      'WhatsApp',
      'Telefon',
      'téléphone',
      'teléfono',
      'telefono',
      'telefone',
      'मोबाइल',
    ],
  },
  { entity: 'url_credentials', value: url, labels: ['database url', 'dsn', 'connection string', 'REDIS_URL'] },
  { entity: 'mac_address', value: mac, labels: ['MAC', 'MAC address', 'hardware address', 'bssid'] },
];
