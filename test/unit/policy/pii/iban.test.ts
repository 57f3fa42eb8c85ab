import { iban, ibanInGroups } from '../../../../src/policy/pii/iban.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([iban, ibanInGroups], {
  hits: [
    'transfer to «GB82WEST12345698765432»',
    'transfer to «GB82 WEST 1234 5698 7654 32»',
    'transfer to «gb82west12345698765432»',
    'transfer to «DE89 3704 0044 0532 0130 00»',
    'transfer to «FR1420041010050500013M02606»',
    'transfer to «FR14 2004 1010 0505 0001 3M02 606»',
    'transfer to «NO93 8601 1117 947»',
    'transfer to «NL91-ABNA-0417-1643-00»',
    'transfer to «MT84MALT011000012345MTLCAST001S»',
    'transfer to «BE68 5390 0754 7034»',
  ],
  misses: [
    'a digit changed: GB82WEST12345698765431',
    'a digit more: GB82WEST123456987654321',
    'a digit less: GB82WEST1234569876543',
    'no such country: XY82WEST12345698765432',
    'an order DE12 3456 7890',
    'a hash de89370400440532013000ab44cc12ff',
    'a word such as administration',
  ],
});
