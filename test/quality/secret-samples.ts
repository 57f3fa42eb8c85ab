import type { Random } from '../simulation/random.ts';
import { base62, base64, base64url, digits, draw, hex, lower, upper, uuid } from './random-text.ts';

/** One kind of credential as its issuer makes it, drawn at random. Written from the issuers' pages and from memory of real ones, not from our rules. */
export interface SecretKind {
  readonly kind: string;
  readonly make: (random: Random) => string;
}

const kind = (name: string, make: (random: Random) => string): SecretKind => ({ kind: name, make });

/** A prefix and `length` characters. */
const prefixed = (name: string, prefix: string, alphabet: string, length: number): SecretKind =>
  kind(name, (random) => prefix + draw(random, alphabet, length));

const llmProviders: readonly SecretKind[] = [
  kind('openai project', (random) => `sk-proj-${draw(random, base64url, 74)}T3BlbkFJ${draw(random, base64url, 74)}`),
  kind('openai service account', (random) => `sk-svcacct-${draw(random, base64url, 58)}T3BlbkFJ${draw(random, base64url, 58)}`),
  kind('openai admin', (random) => `sk-admin-${draw(random, base64url, 58)}T3BlbkFJ${draw(random, base64url, 58)}`),
  kind('openai user', (random) => `sk-${draw(random, base62, 20)}T3BlbkFJ${draw(random, base62, 20)}`),
  kind('anthropic', (random) => `sk-ant-api03-${draw(random, base64url, 93)}AA`),
  kind('anthropic admin', (random) => `sk-ant-admin01-${draw(random, base64url, 93)}AA`),
  prefixed('google', 'AIza', base64url, 35),
  prefixed('groq', 'gsk_', base62, 52),
  prefixed('xai', 'xai-', base62, 80),
  prefixed('openrouter', 'sk-or-v1-', hex, 64),
  prefixed('replicate', 'r8_', base62, 37),
  prefixed('nvidia', 'nvapi-', base64url, 64),
  prefixed('hugging face', 'hf_', lower + upper, 34),
  prefixed('perplexity', 'pplx-', base62, 48),
  kind('langsmith', (random) => `lsv2_${random.pick(['pt', 'sk'])}_${draw(random, hex, 32)}_${draw(random, hex, 10)}`),
  kind('langfuse', (random) => `sk-lf-${uuid(random)}`),
  prefixed('deepseek', 'sk-', hex, 32),
];

const clouds: readonly SecretKind[] = [
  kind('aws key id', (random) => random.pick(['AKIA', 'ASIA']) + draw(random, `${upper}234567`, 16)),
  prefixed('bedrock', 'ABSKQmVkcm9ja0FQSUtleS', base64, 110),
  kind('azure ad', (random) => `${draw(random, base62, 3)}8Q~${draw(random, `${base64url}~.`, 33)}a`),
  prefixed('google oauth secret', 'GOCSPX-', base64url, 28),
  prefixed('google access token', 'ya29.a0', base64url, 160),
  prefixed('digitalocean', 'dop_v1_', hex, 64),
  prefixed('databricks', 'dapi', hex, 32),
  kind('terraform cloud', (random) => `${draw(random, base62, 14)}.atlasv1.${draw(random, base62, 67)}`),
  kind('planetscale', (random) => `pscale_tkn_${draw(random, base64url, 42)}k`),
  kind('vault', (random) => `hvs.${draw(random, base62, 94)}`),
  prefixed('doppler', 'dp.pt.', base62, 43),
  kind('age', (random) => `AGE-SECRET-KEY-1${draw(random, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L', 58)}`),
  kind('heroku', (random) => `HRKU-AA${draw(random, base64url, 57)}x`),
  prefixed('docker hub', 'dckr_pat_', base62, 27),
];

const forges: readonly SecretKind[] = [
  kind('github', (random) => `gh${random.pick(['p', 'o', 'u', 's', 'r'])}_${draw(random, base62, 36)}`),
  kind('github fine-grained', (random) => `github_pat_${draw(random, base62, 22)}_${draw(random, base62, 59)}`),
  prefixed('gitlab', 'glpat-', base62, 20),
  prefixed('npm', 'npm_', base62, 36),
  kind('pypi', (random) => `pypi-AgEIcHlwaS5vcmc${draw(random, base64url, 150)}A`),
  prefixed('linear', 'lin_api_', base62, 40),
  kind('notion', (random) => `ntn_${draw(random, digits, 11)}${draw(random, base62, 35)}`),
  kind('figma', (random) => `figd_${draw(random, base64url, 40)}Z`),
  kind('postman', (random) => `PMAK-${draw(random, hex, 24)}-${draw(random, hex, 34)}`),
  kind('grafana', (random) => `glsa_${draw(random, base62, 32)}_${draw(random, hex, 8)}`),
  kind('new relic', (random) => `NRAK-${draw(random, upper + digits, 27)}`),
  prefixed('sentry', 'sntryu_', hex, 64),
];

const messengers: readonly SecretKind[] = [
  kind('slack bot', (random) => `xoxb-${draw(random, digits, 12)}-${draw(random, digits, 13)}-${draw(random, base62, 24)}`),
  kind('slack app', (random) => `xapp-1-A${draw(random, upper + digits, 10)}-${draw(random, digits, 13)}-${draw(random, hex, 64)}`),
  kind(
    'slack webhook',
    (random) =>
      `https://hooks.slack.com/services/T${draw(random, upper + digits, 10)}/B${draw(random, upper + digits, 10)}/${draw(random, base62, 24)}`,
  ),
  kind('telegram', (random) => `${String(random.between(100_000_000, 7_999_999_999))}:AA${draw(random, base64url, 32)}s`),
  prefixed('twilio', 'SK', hex, 32),
  kind('sendgrid', (random) => `SG.${draw(random, base64url, 22)}.${draw(random, base64url, 42)}4`),
  kind('mailchimp', (random) => `${draw(random, hex, 32)}-us${String(random.between(1, 21))}`),
];

const shops: readonly SecretKind[] = [
  kind(
    'stripe',
    (random) => `${random.pick(['sk', 'rk'])}_${random.pick(['live', 'test'])}_${draw(random, base62, random.pick([24, 99]))}`,
  ),
  kind('shopify', (random) => `shp${random.pick(['at', 'ca', 'pa', 'ss'])}_${draw(random, hex, 32)}`),
  kind('square', (random) => `sq0atp-${draw(random, base62, 22)}`),
  kind('our own', (random) => `vk_${random.pick(['prod', 'dev', 'eu1'])}_${draw(random, base62, 48)}`),
];

const connections: readonly SecretKind[] = [
  kind('postgres', (random) => `postgres://app:${draw(random, base62, 18)}@db${String(random.between(1, 9))}.internal:5432/orders`),
  kind('mongodb', (random) => `mongodb+srv://svc:${draw(random, base62, 16)}@cluster0.ab1cd.mongodb.net/main`),
  kind('redis', (random) => `redis://:${draw(random, base64url, 22)}x@cache:6379/0`),
  kind('https', (random) => `https://deploy:${draw(random, base62, 20)}@git.example.net/team/app.git`),
];

/** Credentials that tell what they are by themselves. */
export const prefixKinds: readonly SecretKind[] = [...llmProviders, ...clouds, ...forges, ...messengers, ...shops, ...connections];

/** Base64url of a JSON object, as a token's header and claims are written. */
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const pemLines = (random: Random, count: number): string =>
  Array.from({ length: count }, () => draw(random, base64, 64))
    .concat(`${draw(random, base64, 30)}==`)
    .join('\n');

/** Credentials without a bounded length. */
export const runKinds: readonly SecretKind[] = [
  kind('jwt', (random) => {
    const header = random.pick<object>([
      { alg: 'HS256', typ: 'JWT' },
      { typ: 'JWT', alg: 'RS256', kid: draw(random, hex, 40) },
      { kid: uuid(random), alg: 'ES256' },
    ]);
    return `${encoded(header)}.${encoded({ sub: draw(random, digits, 10), exp: 1_900_000_000, scope: 'read write' })}.${draw(random, base64url, 43)}`;
  }),
  kind('private key', (random) => {
    const label = random.pick(['RSA PRIVATE KEY', 'PRIVATE KEY', 'EC PRIVATE KEY', 'OPENSSH PRIVATE KEY']);
    return `-----BEGIN ${label}-----\n${pemLines(random, random.between(3, 26))}\n-----END ${label}-----`;
  }),
];

/** Credentials that only the words before them give away: the words, and the value behind them. */
export interface ContextKind {
  readonly kind: string;
  readonly words: readonly [string, ...string[]];
  readonly make: (random: Random) => string;
}

export const contextKinds: readonly ContextKind[] = [
  {
    kind: 'aws secret',
    words: ['aws_secret_access_key = ', 'my AWS secret key is '],
    make: (random) => draw(random, base64, 39) + draw(random, base62, 1),
  },
  { kind: 'azure openai', words: ['AZURE_OPENAI_API_KEY=', 'the Azure OpenAI key: '], make: (random) => draw(random, hex, 32) },
  {
    kind: 'azure storage',
    words: ['DefaultEndpointsProtocol=https;AccountName=logs;AccountKey='],
    make: (random) => `${draw(random, base64, 86)}==`,
  },
  { kind: 'cohere', words: ['COHERE_API_KEY="', 'our Cohere token is '], make: (random) => draw(random, base62, 40) },
  { kind: 'mistral', words: ['MISTRAL_API_KEY=', 'here is the mistral key '], make: (random) => draw(random, base62, 32) },
  { kind: 'datadog', words: ['DD_API_KEY=', 'datadog api key: '], make: (random) => draw(random, hex, 32) },
  { kind: 'twilio token', words: ['TWILIO_AUTH_TOKEN=', 'twilio auth token '], make: (random) => draw(random, hex, 32) },
  { kind: 'heroku uuid', words: ['HEROKU_API_KEY=', 'Heroku key: '], make: (random) => uuid(random) },
  {
    kind: 'bearer',
    words: ['Authorization: Bearer ', '"authorization": "Bearer '],
    make: (random) => draw(random, base64url, 40) + draw(random, base62, 1),
  },
  { kind: 'basic', words: ['Authorization: Basic '], make: (random) => Buffer.from(`svc:${draw(random, base62, 17)}`).toString('base64') },
];
