import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { openDoor, type Door } from '../support/door.ts';
import { until } from '../support/wait.ts';

describe('personal data through Envoy', () => {
  let door: Door;
  let key: string;
  beforeAll(async () => {
    door = await openDoor({
      settings: (settings) => {
        settings.masking = { request: { entities: ['personal', 'secret'] }, response: { entities: ['card', 'secret'] } };
      },
    });
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  const content = 'Write to jane.doe@example.com or call +49 30 901820, please.';

  it('is not what the provider sees, and comes back', async () => {
    const answer = await door.openai(key).chat.completions.create({ model: 'large', messages: [{ role: 'user', content }] });
    const [request] = door.providers.alpha.requests.slice(-1);
    expect(request?.body.toString()).toMatch(/Write to PII_EMAIL_[A-Z2-7]{12} or call PII_PHONE_[A-Z2-7]{12}, please\./);
    expect(answer.choices[0]?.message.content).toBe(`You said: ${content}`);
  });

  it('is in no header and no query that the provider gets', async () => {
    const client = door
      .openai(key)
      .withOptions({ defaultHeaders: { 'user-agent': 'App/1 (jane.doe@example.com)', 'openai-beta': 'a=v1' } });
    await client.chat.completions.create({ model: 'large', messages: [{ role: 'user', content: 'hello' }] });
    const [request] = door.providers.alpha.requests.slice(-1);
    expect(JSON.stringify(request?.headers)).not.toContain('jane.doe');
    expect(request?.headers).toContainEqual(['openai-beta', 'a=v1']);
    const refused = await ask(door, { bearer: key, path: '/v1/chat/completions?card=4111-1111-1111-1111' });
    expect(refused).toMatchObject({ status: 400, code: 'content_blocked' });
    expect(door.providers.alpha.requests.at(-1)).toBe(request);
  });

  it('comes back in a stream', async () => {
    const stream = await door.openai(key).chat.completions.create({ model: 'large', messages: [{ role: 'user', content }], stream: true });
    let text = '';
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe(`You said: ${content}`);
    await until(() => door.exchanges().find(({ found }) => found === 'email mask 1, phone mask 1'), {
      deadlineMs: 5_000,
      what: 'the log line with what was found',
    });
  });
});
