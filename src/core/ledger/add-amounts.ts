import type { Amounts } from '../limit.ts';
import { bounded } from './window.ts';

/** Both together, each figure from 0 to 2^53 - 1 whatever clients ask for and providers report: no limit is as high. */
export const addAmounts = (left: Amounts, right: Amounts): Amounts => ({
  requests: bounded(left.requests + right.requests),
  tokens: bounded(left.tokens + right.tokens),
  nanoUsd: bounded(left.nanoUsd + right.nanoUsd),
});
