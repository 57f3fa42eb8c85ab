import { describe, expect, it } from 'vitest';
import { parseDurationMs, parseSizeBytes, sizeText } from '../../../src/core/units.ts';

describe('durations and sizes', () => {
  it.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['90d', 7_776_000_000],
  ] as const)('%s is %i ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });
  it.each(['', '10', 's', '1.5s', '-1s', '10 s', '1e3s', '10S', '10sec', '9999999999s'])('%j is no duration', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });
  it.each([
    ['512B', 512],
    ['64KiB', 65_536],
    ['16MiB', 16_777_216],
    ['1GiB', 1_073_741_824],
  ] as const)('%s is %i bytes', (text, bytes) => {
    expect(parseSizeBytes(text)).toBe(bytes);
  });
  it.each(['', '16', '16MB', '16mib', '1.5MiB', '-1B'])('%j is no size', (text) => {
    expect(parseSizeBytes(text)).toBeUndefined();
  });
  it.each([
    [0, '0 B'],
    [1_000, '1000 B'],
    [65_536, '64 KiB'],
    [1_572_864, '1536 KiB'],
    [16_777_216, '16 MiB'],
    [2_147_483_648, '2 GiB'],
  ] as const)('%i bytes are called %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});
