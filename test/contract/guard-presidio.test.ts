import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGuards } from '../../src/adapters/guards/guards.ts';
import type { GuardOptions } from '../../src/adapters/guards/open-guard.ts';
import type { EntityAnswer } from '../../src/ports/guard.ts';
import { guardOptions } from '../support/guard-server.ts';
import { startPresidio, type Presidio } from '../support/presidio.ts';
import { describeGuard, judgeOnce } from './guard.contract.ts';

const card = '4111 1111 1111 1111';
/** Pattern and checksum; names have the model's own mistakes, and are not judged here. */
const cardsOnly = (url: string): GuardOptions =>
  guardOptions('presidio', url, { name: 'safety', entities: ['CREDIT_CARD'], timeoutMs: 30_000 });

let presidio: Presidio;
beforeAll(async () => {
  presidio = await startPresidio();
});
afterAll(async () => {
  await presidio.stop();
});

describeGuard('presidio, a real analyzer', async () => ({
  options: cardsOnly(presidio.url),
  harmful: `Please charge my credit card ${card} again.`,
  label: 'CREDIT_CARD',
  harmless: 'How do I bake bread at home?',
  close: async () => undefined,
}));

async function find(texts: readonly string[], others: Partial<GuardOptions> = {}): Promise<EntityAnswer> {
  const guards = openGuards([{ ...cardsOnly(presidio.url), entities: ['PERSON', 'CREDIT_CARD', 'EMAIL_ADDRESS'], ...others }]);
  const answer = await guards.find('safety', texts, AbortSignal.timeout(30_000));
  guards.close();
  return answer;
}

/** As `PERSON: Ada Lovelace`, per text. */
function told(texts: readonly string[], answer: EntityAnswer): readonly (readonly string[])[] {
  const entities = answer.kind === 'found' ? answer.entities : [];
  return entities.map((each, index) =>
    each
      .toSorted((left, right) => left.start - right.start)
      .map(({ entity, start, end }) => `${entity}: ${texts[index]?.slice(start, end) ?? ''}`),
  );
}

describe('what a real Presidio analyzer finds', () => {
  it('is told per text, where it stands in UTF-16', async () => {
    const texts = [
      '👩‍👩‍👧‍👦👋🏽 My name is Ada Lovelace, my address is ada@example.com. 👋🏽',
      '  ',
      '',
      'Nothing to see here.',
      `\ud83d 𝟙𝟚 é e\u0301 card ${card}, and 🂡 ${card}`,
    ];
    expect(told(texts, await find(texts))).toEqual([
      ['PERSON: Ada Lovelace', 'EMAIL_ADDRESS: ada@example.com'],
      [],
      [],
      [],
      [`CREDIT_CARD: ${card}`, `CREDIT_CARD: ${card}`],
    ]);
  });

  it('is told in the order of the texts where they are several calls', async () => {
    const texts = Array.from({ length: 300 }, (_, index) => (index % 100 === 7 ? `mail ada${String(index)}@example.com` : 'Bread.'));
    const found = told(texts, await find(texts));
    expect(found.flatMap((each, index) => each.map((one) => `${String(index)} ${one}`))).toEqual(
      [7, 107, 207].map((index) => `${String(index)} EMAIL_ADDRESS: ada${String(index)}@example.com`),
    );
  });

  it('depends on entities and threshold', async () => {
    const texts = [`Ada Lovelace, ${card}`];
    expect(told(texts, await find(texts, { entities: ['EMAIL_ADDRESS'] }))).toEqual([[]]);
    expect(told(texts, await find(texts, { threshold: 0.9 }))).toEqual([[`CREDIT_CARD: ${card}`]]);
  });

  it('is nothing where the language is unknown there', async () => {
    expect(await find(['Ada Lovelace'], { language: 'xx' })).toEqual({ kind: 'fault', cause: 'unavailable' });
    expect(await judgeOnce(guardOptions('presidio', presidio.url, { language: 'xx' }), ['Ada Lovelace'])).toMatchObject({ kind: 'fault' });
  });

  it('is nothing where there is no time for it', async () => {
    const texts = ['Ada Lovelace and bread. '.repeat(10_000)];
    expect(await find(texts, { timeoutMs: 50 })).toEqual({ kind: 'fault', cause: 'timeout' });
  });

  it('is nothing at a path that is not its own', async () => {
    expect(await find(['Ada Lovelace'], { url: `${presidio.url}/nothing` })).toMatchObject({ kind: 'fault' });
  });
});
