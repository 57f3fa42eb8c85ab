import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openIsoTime } from '../../../../src/adapters/telemetry/iso-time.ts';

describe('openIsoTime', () => {
  it('writes what Date writes, whichever moments follow each other', () => {
    const near = fc.integer({ min: -2_500, max: 2_500 }).map((offset) => 1_790_000_000_000 + offset);
    const anyMoment = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(fc.array(fc.oneof(near, anyMoment), { maxLength: 20 }), (moments) => {
        const isoTime = openIsoTime();
        expect(moments.map(isoTime)).toEqual(moments.map((moment) => new Date(moment).toISOString()));
      }),
    );
  });
});
