import { formatUsd } from '../policy/usage/usd.ts';
import type { LostFigure } from './lost-figures.ts';
import { renderTable } from './table.ts';

/** What can have been lost, limit by limit, in the words of the settings. */
export const lostTable = (figures: readonly LostFigure[]): string =>
  renderTable(
    ['LIMIT', 'OF', 'RESTORED', 'LOST AT MOST'],
    figures.map(({ kind, key, ...amounts }) => {
      const text = (amount: number): string => (kind === 'budget' ? `${formatUsd(BigInt(amount))} USD` : String(amount));
      return [limitText(key), text(amounts.limit), text(amounts.restored), text(amounts.lostMax)];
    }),
  );

/** The key of a counter (`tokens|3600000|team||apps`) for people: `tokens per 3600 s, team apps`. */
function limitText(key: string): string {
  const [kind = '', span = '', level = '', model = '', ...subject] = key.split('|');
  const over = span === '' ? '' : /^\d+$/.test(span) ? ` per ${String(Number(span) / 1_000)} s` : ` per ${span}`;
  const name = subject.join('|');
  const whom = name === '' ? level : `${level} ${name}`;
  return `${kind}${over}, ${whom}${model === '' ? '' : `, model ${model}`}`;
}
