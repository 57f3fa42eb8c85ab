import { card, cardInOtherGroups } from '../../../../src/policy/pii/card.ts';
import { describeDetector } from './describe-detector.ts';

// Numbers that the schemes and their processors publish for tests.
describeDetector([card, cardInOtherGroups], {
  hits: [
    'paid with «4111111111111111»',
    'paid with «4111 1111 1111 1111»',
    'paid with «4111-1111-1111-1111»',
    'Mastercard «5555555555554444»',
    'the 2-series: «2223003122003222»',
    'American Express «378282246310005»',
    'American Express «3782 822463 10005»',
    'Diners «30569309025904»',
    'Diners «3056 930902 5904»',
    'Discover «6011111111111117»',
    'JCB «3530111333300000»',
    'JCB of 15 digits «213112345678904»',
    'Maestro «6759649826438453»',
    'Maestro of 12 digits «501800000009»',
    'Maestro in groups «5018 0000 0009»',
    'Visa of 13 digits «4222222222222»',
    'Visa of 19 digits «4000000000000000006»',
    'in odd groups «21 3112 345678 904»',
    '{"card": «4242424242424242»',
  ],
  misses: [
    'one digit changed: 4111111111111112',
    'one digit more: 41111111111111111111',
    'one digit less: 411111111111111',
    'order number 4111111111111111',
    'orderId: "4111111111111111"',
    'no issuer begins so: 9999999999999995',
    'a timestamp 1700000000000',
    'a uuid 550e8400-e29b-41d4-a716-501800000009',
    'a hash 4111111111111111abcdef0123456789abcdef01',
    'a decimal 0.4111111111111111',
    'a version 4.1.1.1',
    'a price $4,111.11',
  ],
});
