import type { Random } from './random.ts';

/** Texts around a value: `{}` stands for it, `{label}` for what it is called, `{key}` and `{camel}` for that as a name in code. */
const named: readonly [string, ...string[]] = [
  'My {label} is {}.',
  'My {label} is {}, please update it.',
  'Hi team, the customer gave us her {label} ({}) on the phone yesterday.',
  'Please change the {label} from the old one to {}; thanks!',
  '{label}: {}',
  '{label} - {}\n',
  'user: what is my {label}?\nassistant: You told me that it is {}.',
  '{"{key}": "{}", "active": true, "visits": 17}',
  '{"arguments": "{\\"{key}\\": \\"{}\\", \\"limit\\": 10}"}',
  "{key}: '{}'\nretries: 3\n",
  '{key}={}\nDEBUG=false\n',
  '| {label} | {} | verified |',
  '- **{label}**: {}\n- **status**: open',
  '- {label}: `{}`',
  "const {camel} = '{}';",
  "INSERT INTO people ({key}) VALUES ('{}');",
  '2026-10-02T11:22:33Z INFO saved {key}="{}" status=200',
  '<{key}>{}</{key}>',
  '<td>{label}</td><td>{}</td><td>3</td>',
  '## {label}\n\n{}\n\nThe rest is unchanged.',
  'Name\\nMiller\\n{label}\\n{}\\nend',
  'Subject: wrong {label}\n\nDear support,\n{} is what I see as my {label}.',
  'The {label} on file, {}, does not match.',
  'Meine {label} lautet {}, bitte prüfen.',
  'Hallo, ich habe die {label} geändert: {}. Viele Grüße',
  'Mon {label} est le {}, merci.',
  'Bonjour, voici mon {label} : {} (inchangé).',
  'Mi {label} es {}.',
  'El nuevo {label} del cliente es {} desde mayo.',
  'Il mio {label} è {}, grazie.',
  'O meu {label} é {}.',
  'मेरा {label} {} है।',
  'Mera {label} {} hai, please check karo.',
  '我的 {label} 是 {}。',
  '{label}「{}」を確認してください。',
];

const bare: readonly [string, ...string[]] = [
  'Is {} still valid?',
  'I wrote {} on the form.',
  'Kindly look at ({}) again.',
  '{}',
  'You said "{}" twice, then nothing.',
  'see `{}` above',
  'It was **{}**, I think.',
  '| 17 | {} | open |',
  'a, {}, b',
  '> {}\n\nThat is what they sent.',
  '["{}", null, 3]',
  'first line\n{}\nlast line',
  'Bitte {} verwenden.',
  'Il faut utiliser {}, je crois.',
  'Se usa {} para eso.',
  'कृपया {} देखें।',
  '{}; nothing else was written there.',
];

const fillers: readonly [string, ...string[]] = [
  '',
  '',
  'Thanks for the quick reply! ',
  'We met on 12 March 2026 at 10:30 and talked for 45 minutes. ',
  'The invoice over $1,299.00 is paid. ',
  'Version 2.4.1 fixed it for 3 of 17 users.\n',
  'Wie besprochen: ',
  'Order 48213 was shipped. ',
  '### Notes\n\n',
];

const keyOf = (label: string): string =>
  label
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\d]+/gu, '_')
    .replaceAll(/^_|_$/g, '');
const camelOf = (label: string): string => keyOf(label).replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** A text around `value`, and where the value begins in it. */
export function frame(random: Random, value: string, label: string, mustName: boolean): { readonly text: string; readonly start: number } {
  const form = mustName || random.int(3) > 0 ? random.pick(named) : random.pick(bare);
  const whole = (random.pick(fillers) + form)
    .replaceAll('{label}', label)
    .replaceAll('{key}', keyOf(label))
    .replaceAll('{camel}', camelOf(label));
  // The place of the value, not the empty object of a JSON text.
  const at = whole.search(/\{\}/);
  return { text: whole.slice(0, at) + value + whole.slice(at + 2), start: at };
}
