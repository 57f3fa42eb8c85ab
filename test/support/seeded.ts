import fc from 'fast-check';
import { testSeed } from './test-seed.ts';

// Of each process of the tests, before any test: properties draw from the seed where one is set.
if (testSeed !== undefined) {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: testSeed });
}
