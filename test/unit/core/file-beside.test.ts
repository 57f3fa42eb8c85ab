import { expect, it } from 'vitest';
import { fileBeside } from '../../../src/core/file-beside.ts';

it.each([
  ['file:///app/src/pipeline/body-pool.ts', 'file:///app/src/pipeline/worker.ts'],
  ['file:///app/build/pipeline/body-pool.js', 'file:///app/build/pipeline/worker.js'],
])('a file beside %s is as the one that asks: %s', (url, beside) => {
  expect(fileBeside('worker', url).href).toBe(beside);
});
