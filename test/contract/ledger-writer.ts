import { openSqliteLedger } from '../../src/adapters/sqlite/ledger-store.ts';
import { amounts, budget, concurrent, holdOf, requests } from '../support/holds.ts';

/** Another process on the same ledger: `reserve PATH COUNT LIMIT` asks for holds at once, `spend PATH FOLD` takes and settles them without end. */
const [command = '', path = '', count = '0', limit = '0'] = process.argv.slice(2);
const waitMs = 30_000;
const foldAfter = command === 'spend' && count !== '0' ? Number(count) : undefined;
const ledger = await openSqliteLedger({ path, reserveWaitMs: waitMs, settleWaitMs: waitMs, ...(foldAfter !== undefined && { foldAfter }) });

const spendWithoutEnd = async (): Promise<never> => {
  for (;;) {
    const hold = holdOf([concurrent('c', 1_000), budget('b', 1e12)], { amounts: amounts({ nanoUsd: 10 }) });
    await ledger.reserve(hold);
    process.stdout.write(`held ${hold.id}\n`);
    await ledger.settle(hold.id, amounts({ nanoUsd: 3 }));
    process.stdout.write(`settled ${hold.id}\n`);
  }
};

switch (command) {
  case 'reserve': {
    const counters = [requests('own', 1e6), requests('shared', Number(limit)), concurrent('places', 1e6)];
    const answers = await Promise.all(Array.from({ length: Number(count) }, () => ledger.reserve(holdOf(counters))));
    process.stdout.write(`granted ${String(answers.filter(({ kind }) => kind === 'granted').length)}\n`);
    break;
  }
  case 'spend':
    await Promise.all(Array.from({ length: 8 }, spendWithoutEnd));
    break;
  default:
    throw new Error(`unknown command ${command}`);
}
await ledger.close();
