import { openKeyStore } from '../../src/adapters/sqlite/key-store.ts';
import { block, keyRecord } from './key-store.contract.ts';

/** Another process on the same store: `create PATH PREFIX COUNT`, `revoke PATH ID` or `block PATH`. */
const [command = '', path = '', first = '', count = '0'] = process.argv.slice(2);
const store = await openKeyStore({ path });
switch (command) {
  case 'create':
    for (let number = 0; number < Number(count); number += 1) {
      await store.create(keyRecord(first + String(number).padStart(9, '0')));
    }
    break;
  case 'revoke':
    await store.revoke(first, Date.now());
    break;
  case 'block':
    await store.block(block());
    break;
  default:
    throw new Error(`unknown command ${command}`);
}
process.stdout.write(`done ${Date.now()}\n`);
await store.close();
