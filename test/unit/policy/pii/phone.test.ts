import { describe, expect, it } from 'vitest';
import { detectWhole } from '../../../../src/policy/detect/detection.ts';
import { detectorSet } from '../../../../src/policy/detect/detector-set.ts';
import { phoneInternational, phoneNational } from '../../../../src/policy/pii/phone.ts';
import { describeDetector } from './describe-detector.ts';

describeDetector([phoneInternational, phoneNational], {
  hits: [
    'call «+91 98765 43210»',
    'at «+1 (202) 555-0123»',
    'at «+44 (0)20 7946 0958»',
    'at «+49 30 12345678»',
    'at «+33 1 42 68 53 00»',
    'at «+6561234567»',
    'at «0044 20 7946 0958»',
    'at «001-202-555-0123x123»',
    'from home: «011 44 20 7946 0958»',
    'or «011-44-20-7946-0958»',
    'at «(202) 555-0123»',
    'at «202-555-0123»',
    'at «202.555.0123 ext. 42»',
    'at «1-800-555-0123»',
    'at «98765 43210»',
    'mobile «9876543210»',
    'mobile: «09876543210»',
    '"phoneNumber": "«9876543210»',
    'at «020 7946 0958»',
    'at «07700 900123»',
    'at «01 42 68 53 00»',
    'at «030 12345678»',
    'at «0171/1234567»',
    'at «612 34 56 78»',
    'cell «612345678»',
    'at «333 1234567»',
    'at «0412 345 678»',
    'at «(02) 9374 4000»',
    'call «6123 4567»',
    'at «(11) 91234-5678»',
    'call «555-0123»',
    'Telefon «0151 23456789»',
    'WhatsApp «919876543210»',
    'mobile «091 9876543210»',
    'at «(07).7799.6070»',
    'the callers were called up on «2025550123»',
    'Portable «06 12 34 56 78 12»',
    'Telefon «02110-1301»',
    '?tel=«2025550123»',
    'phone=«+1 646-936-3348»',
    'customer phone id=«2025550123»',
  ],
  misses: [
    'order 9876543210',
    'order number 9876543210',
    'nothing names it: 9876543210',
    'a price of 1,234,567.00',
    'a timestamp 1700000000',
    'a date 01-02-2023',
    'a date 2023-01-02 10:30',
    'a range 1990-1995',
    'an address 10.20.30.40',
    'an SSN 536-90-4399',
    'a card 4111 1111 1111 1111',
    'a uuid 550e8400-e29b-41d4-a716-446655440000',
    'no such country +999 1234 5678',
    'an offset +0530',
    'a sum 2+2024567',
    'dimensions 1920x1080',
    'call it 42',
    'call version 22.12.25.2268',
    'a part 0123',
    'ISBN 978-3-16-148410-0',
    '51 Franklin Street, Boston, MA 02110-1301',
    'Boston, MA\n# 02110-1301',
    'zip code 02110-1301',
    'the function that is called here has a name that is much longer, 2025550123',
    'this calls a function:\n\n2025550123',
    'DISPATCH(call33554432, 33554432)',
    'a phone with ts=2025550123',
    'a phone, GET /items/2025550123',
    '<Buffer 13 de 02 00 00 00 00 05 00>',
  ],
});

describe('a number behind a phone number', () => {
  const set = detectorSet([phoneInternational, phoneNational].map((detector) => ({ detector, priority: 1 })));

  it.each([
    ['phone=+1 646-936-3348 0x7670efce', '+1 646-936-3348'],
    ['phone: +44 7911 126627  # 226d67bd-380a', '+44 7911 126627'],
    ['(646) 936-3348 2nd floor', '(646) 936-3348'],
  ])('is left: %s', (text, expected) => {
    expect(detectWhole(text, set).map(({ start, end }) => text.slice(start, end))).toEqual([expected]);
  });
});
