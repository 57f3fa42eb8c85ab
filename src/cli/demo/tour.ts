import type { LocalProvider } from './local-provider.ts';
import type { RecordedRequest } from './provider-answer.ts';

/** What the tour needs of the running door. */
export interface TourPlace {
  readonly url: string;
  readonly openai: LocalProvider;
  /** Virtual keys: one for small models, one for all. */
  readonly standardKey: string;
  readonly premiumKey: string;
  /** One whose team may send five requests a minute. */
  readonly trialKey: string;
  readonly print: (text: string) => void;
  /** Writes a new key of the local OpenAI provider into its secret file and lets the provider accept nothing else. */
  readonly rotateProviderKey: () => void;
  readonly stopFirstProvider: () => Promise<void>;
  readonly revokeStandardKey: () => Promise<void>;
}

const stopMsMax = 10_000;
const pollMs = 100;

/** The scripted walk: each stop is a real request through Envoy, and throws where the answer is not what it shows. */
export async function runTour(place: TourPlace): Promise<void> {
  const { print } = place;
  print('\n1. A call with a virtual key');
  const allowed = await chat(place, place.standardKey, 'demo-small', 'hello');
  show(print, expectStatus(allowed, 200), textOf(allowed));
  const seen = place.openai.requests.at(-1);
  print(
    `   the provider saw: model "${modelOf(seen)}", authorization "${headerOf(seen, 'authorization').slice(0, 18)}...", nothing of your key`,
  );

  print('\n2. A model that the policy does not name');
  const denied = await chat(place, place.standardKey, 'demo-large', 'hello');
  show(print, expectStatus(denied, 403), errorOf(denied));

  print('\n3. No key');
  const anonymous = await chat(place, undefined, 'demo-small', 'hello');
  show(print, expectStatus(anonymous, 401), errorOf(anonymous));

  print('\n4. A streamed answer');
  const stream = await chat(place, place.standardKey, 'demo-small', 'one two three four five six', { stream: true });
  show(
    print,
    expectStatus(stream, 200),
    `${String(stream.body.split('\n\n').filter((event) => event.startsWith('data:')).length)} server-sent events`,
  );

  print('\n5. The Anthropic API, same door');
  const claude = await call(place, place.standardKey, '/v1/messages', {
    model: 'demo-claude',
    max_tokens: 64,
    messages: [{ role: 'user', content: 'hello' }],
  });
  show(print, expectStatus(claude, 200), claude.body.slice(0, 100));

  await showMasking(place);
  await showLimit(place);

  print('\n9. The provider key is rotated in its store; nothing is restarted');
  place.rotateProviderKey();
  const rotatedMs = await until(async () => (await chat(place, place.standardKey, 'demo-small', 'again')).status === 200);
  print(`   the new key was in use ${String(rotatedMs)} ms later`);

  print('\n10. The first provider goes away; the second target answers');
  await place.stopFirstProvider();
  const failedOver = await chat(place, place.premiumKey, 'demo-large', 'still there?');
  show(print, expectStatus(failedOver, 200), textOf(failedOver));

  print('\n11. The virtual key is revoked');
  await place.revokeStandardKey();
  const revokedMs = await until(async () => (await chat(place, place.standardKey, 'demo-claude', 'hello')).status === 401);
  print(`   refused ${String(revokedMs)} ms later`);
}

async function showMasking(place: TourPlace): Promise<void> {
  const { print } = place;
  print('\n6. Personal data in a prompt');
  const prompt = 'Write to jane.doe@example.com, phone +1 202-555-0143.';
  const masked = await chat(place, place.standardKey, 'demo-small', prompt);
  print(`   the provider saw: "${lastWordsOf(place.openai.requests.at(-1))}"`);
  show(print, expectStatus(masked, 200), textOf(masked));

  print('\n7. The same in a stream: the values are back, however its pieces are cut');
  const restored = await chat(place, place.standardKey, 'demo-small', prompt, { stream: true });
  show(print, expectStatus(restored, 200), deltasOf(restored));
}

async function showLimit(place: TourPlace): Promise<void> {
  const { print } = place;
  print('\n8. Ten requests at once, of a team that may send five a minute and spend five cents a day');
  const burst = await Promise.all(Array.from({ length: 10 }, async () => chat(place, place.trialKey, 'demo-small', 'me first')));
  const refused = burst.filter(({ status }) => status === 429);
  const [first] = refused;
  if (first === undefined || burst.filter(({ status }) => status === 200).length !== 5) {
    throw new Error(`expected five answers and five refusals, got ${burst.map(({ status }) => String(status)).join(', ')}`);
  }
  print('   five were answered, five were not');
  show(print, first, errorOf(first));
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function call(place: TourPlace, key: string | undefined, path: string, body: object): Promise<Answer> {
  const response = await fetch(`${place.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.text() };
}

const chat = async (place: TourPlace, key: string | undefined, model: string, content: string, more: object = {}): Promise<Answer> =>
  call(place, key, '/v1/chat/completions', { model, messages: [{ role: 'user', content }], ...more });

function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status) {
    throw new Error(`expected HTTP ${String(status)}, got ${String(answer.status)}: ${answer.body}`);
  }
  return answer;
}

function show(print: (text: string) => void, answer: Answer, text: string): void {
  print(`   HTTP ${String(answer.status)}  ${text}`);
}

const textOf = (answer: Answer): string => /"content":\s*"((?:[^"\\]|\\.)*)"/.exec(answer.body)?.[1] ?? answer.body;
const deltasOf = (answer: Answer): string =>
  Array.from(answer.body.matchAll(/"content":\s*"((?:[^"\\]|\\.)*)"/g), ([, piece]) => piece).join('');
const errorOf = (answer: Answer): string =>
  /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(answer.body)?.[1]?.replaceAll('\\"', '"') ?? answer.body;
const modelOf = (request: RecordedRequest | undefined): string => /"model":\s*"([^"]*)"/.exec(request?.body.toString() ?? '')?.[1] ?? '';
const lastWordsOf = (request: RecordedRequest | undefined): string =>
  /"content":\s*"((?:[^"\\]|\\.)*)"/.exec(request?.body.toString() ?? '')?.[1] ?? '';
const headerOf = (request: RecordedRequest | undefined, name: string): string =>
  request?.headers.find(([candidate]) => candidate.toLowerCase() === name)?.[1] ?? '';

/** Milliseconds until `holds`; throws where it does not in time. */
async function until(holds: () => Promise<boolean>): Promise<number> {
  const startedMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedMs > stopMsMax) {
      throw new Error(`not within ${String(stopMsMax)} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return Math.round(performance.now() - startedMs);
}
