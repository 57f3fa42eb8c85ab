import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDoor, PROVIDER_KEYS, type Door } from '../support/door.ts';

describe('the openai client through Envoy', () => {
  let door: Door;
  let key: string;
  beforeAll(async () => {
    door = await openDoor();
    ({ key } = await door.createKey());
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
  });

  it('gets a chat answer, and the provider sees its own key, model and nothing of the client', async () => {
    const answer = await door.openai(key).chat.completions.create({ model: 'large', messages: [{ role: 'user', content: 'hello' }] });
    expect(answer.choices[0]?.message.content).toBe('You said: hello');
    const [request] = door.providers.alpha.requests.slice(-1);
    const headers = new Map(request?.headers.map(([name, value]) => [name.toLowerCase(), value]));
    expect(headers.get('authorization')).toBe(`Bearer ${PROVIDER_KEYS.alpha}`);
    expect(JSON.parse(request?.body.toString() ?? '')).toMatchObject({ model: 'alpha-large' });
    expect(JSON.stringify(request?.headers)).not.toContain(key);
  });

  it('cannot steer a gateway behind the provider by headers of its own', async () => {
    const options = {
      headers: { 'x-portkey-custom-host': 'https://elsewhere.example', 'helicone-target-url': 'https://elsewhere.example' },
    };
    await door.openai(key).chat.completions.create({ model: 'large', messages: [{ role: 'user', content: 'hello' }] }, options);
    const [request] = door.providers.alpha.requests.slice(-1);
    expect(JSON.stringify(request?.headers)).not.toContain('elsewhere.example');
  });

  it('streams', async () => {
    const stream = await door
      .openai(key)
      .chat.completions.create({ model: 'large', messages: [{ role: 'user', content: 'hello' }], stream: true });
    let text = '';
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('You said: hello');
  });
});
