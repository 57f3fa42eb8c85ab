const asked = process.env['SALLYPORT_TEST_SEED'];

/** What all that is drawn in tests is drawn by; undefined = each run draws afresh. */
export const testSeed = asked === undefined || asked === '' ? undefined : Number(asked);
