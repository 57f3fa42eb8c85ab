import { alnum, anyHex, anyOf, base64, digit, hex, lowerAlnum, padding, type Part, upperAlnum, url, urlJoined, uuid } from './parts.ts';
import { token, tokens, type TokenRule, wordlikeToken } from './token-rule.ts';

/** Somebody may leave the scheme out, or write the one without encryption. */
const slackHook = (path: string, ...parts: readonly Part[]): readonly TokenRule[] =>
  tokens(
    'slack-webhook',
    ['https://', 'http://', ''].map((scheme) => `${scheme}hooks.slack.com/${path}/`),
    ...parts,
  );

/** Tokens of messengers, mailers, payments and shops, and our own. Facts from the issuers' pages and from the list of rules of gitleaks. */
export const businessRules: readonly TokenRule[] = [
  // The virtual keys of this gateway; see `virtual-key.ts`. One with a wrong checksum is as good as the whole key to who can count.
  token('virtual-key', 'vk_', lowerAlnum(1, 12), '_', alnum(48)),
  token('slack-bot', 'xoxb-', digit(8, 14), '-', url(16, 60)),
  // What a header carries, also with the escapes of URLs, as the tokens of X have them; a token of three parts is a run, see `jwt.ts`.
  ...['Bearer ', 'bearer ', 'BEARER '].map((scheme) =>
    wordlikeToken('authorization-bearer', scheme, anyOf(String.raw`\w.~+/%\-`, 20, 500), padding(0, 2)),
  ),
  ...tokens('slack-user', ['xoxp-', 'xoxo-', 'xoxs-', 'xoxc-'], url(28, 100)),
  ...tokens('slack-user', ['xoxe-', 'xoxd-'], url(28, 180)),
  ...tokens('slack-workspace', ['xoxa-', 'xoxr-'], url(8, 64)),
  token('slack-config', 'xoxe.xoxp-', digit(1), '-', alnum(140, 180)),
  token('slack-config', 'xoxe.xoxb-', digit(1), '-', alnum(140, 180)),
  token('slack-app', 'xapp-', digit(1), '-', upperAlnum(9, 14), '-', digit(10, 15), '-', lowerAlnum(40, 80)),
  ...slackHook('services', upperAlnum(8, 14), '/', upperAlnum(8, 14), '/', alnum(20, 30)),
  ...slackHook('workflows', anyOf(String.raw`\w/+`, 30, 80)),
  ...slackHook('triggers', anyOf(String.raw`\w/+`, 30, 80)),
  ...tokens(
    'discord-webhook',
    ['https://discord.com/api/webhooks/', 'https://discordapp.com/api/webhooks/', 'discord.com/api/webhooks/'],
    digit(17, 20),
    '/',
    url(60, 72),
  ),
  // Base64 of the number of the bot, which begins as two digits do, a time and a signature.
  ...tokens('discord-bot', ['MD', 'MT', 'Mj', 'Mz', 'ND', 'NT', 'Nj', 'Nz', 'OD', 'OT'], url(20, 26), '.', url(6), '.', url(27, 40)),
  token('teams-webhook', '.webhook.office.com/webhookb2/', ...uuid, '@', ...uuid, '/IncomingWebhook/', lowerAlnum(32), '/', ...uuid),
  token('telegram-bot', digit(8, 10), ':AA', url(33)),
  token('twilio-key', 'SK', anyHex(32)),
  token('sendgrid', 'SG.', url(22), '.', url(43)),
  token('mailgun', 'key-', hex(32)),
  token('mailchimp', hex(32), '-us', digit(1, 2)),
  token('brevo', 'xkeysib-', hex(64), '-', alnum(16)),
  token('resend', 're_', alnum(8), '_', alnum(24)),
  ...tokens('stripe', ['sk_live_', 'sk_test_', 'sk_prod_', 'rk_live_', 'rk_test_', 'rk_prod_'], alnum(10, 110)),
  token('stripe-webhook', 'whsec_', base64(24, 64)),
  ...tokens('shopify', ['shpat_', 'shpca_', 'shppa_', 'shpss_'], anyHex(32)),
  token('square', 'sq0atp-', url(22)),
  token('square', 'sq0csp-', url(43)),
  token('square', 'EAAA', url(56, 64)),
  token('paypal-braintree', 'access_token$production$', lowerAlnum(16), '$', hex(32)),
  token('plaid', 'access-production-', ...uuid),
  token('plaid', 'access-sandbox-', ...uuid),
  token('plaid', 'access-development-', ...uuid),
  token('flutterwave', 'FLWSECK_TEST-', lowerAlnum(12, 32)),
  token('flutterwave', 'FLWSECK-', lowerAlnum(32)),
  token('razorpay', 'rzp_live_', alnum(14)),
  token('razorpay', 'rzp_test_', alnum(14)),
  token('shippo', 'shippo_live_', hex(40)),
  token('shippo', 'shippo_test_', hex(40)),
  token('easypost', 'EZAK', alnum(54)),
  token('easypost', 'EZTK', alnum(54)),
  token('duffel', 'duffel_live_', urlJoined(43)),
  token('duffel', 'duffel_test_', urlJoined(43)),
  token('facebook-page', 'EAAC', alnum(100, 240)),
  token('facebook-page', 'EAAM', alnum(100, 240)),
  token('facebook-page', 'EAAG', alnum(100, 240)),
  token('mapbox', 'sk.eyJ', url(60, 120), '.', url(22)),
  token('dropbox', 'sl.', url(130, 260)),
  token('intercom', 'dG9r', base64(40, 80)),
  token('hubspot', 'pat-na1-', ...uuid),
  token('hubspot', 'pat-eu1-', ...uuid),
  token('twitch', 'oauth:', lowerAlnum(30)),
];
