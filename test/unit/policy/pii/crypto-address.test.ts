import { bitcoinAddress, ethereumAddress } from '../../../../src/policy/pii/crypto-address.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([bitcoinAddress, ethereumAddress], {
  hits: [
    'to «1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa»',
    'to «3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy»',
    'to «bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4»',
    'to «BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4»',
    'to «bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0»',
    'to «0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed»',
    'ETH «0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359»',
  ],
  misses: [
    'a letter changed: 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb',
    'too large for an address: 3zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz',
    'a letter changed: bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5',
    'both cases: bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8F3T4',
    'a capital changed: 0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    'nothing names it: 0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359',
    'a digit more: 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0',
    'wallet 0x0000000000000000000000000000000000000000',
    'a commit fb6916095ca1df60bb79ce92ce3ea74c37c5d359',
  ],
});
