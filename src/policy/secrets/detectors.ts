import type { Detector } from '../detect/detector.ts';
import { addressDetector } from './address.ts';
import { businessRules } from './business-rules.ts';
import { cloudRules } from './cloud-rules.ts';
import { codeRules } from './code-rules.ts';
import { contextDetector } from './context-detector.ts';
import { contextRules } from './context-rules.ts';
import { genericDetector } from './generic-detector.ts';
import { jwtDetector } from './json-web-token.ts';
import { longTokenDetectors } from './long-token.ts';
import { modelRules } from './model-rules.ts';
import { pemDetector, pgpDetector, puttyDetector } from './private-key.ts';
import { tokenDetectors } from './token-detector.ts';
import type { TokenRule } from './token-rule.ts';

export const tokenRules: readonly TokenRule[] = [...modelRules, ...cloudRules, ...codeRules, ...businessRules];

const runs = [pemDetector, pgpDetector, puttyDetector, jwtDetector, ...longTokenDetectors];

/** Entity `secret`: credentials that tell by themselves, or by the words before them, what they are. Never restored. */
export const secretDetectors: readonly Detector[] = [...tokenDetectors(tokenRules), addressDetector, contextDetector, ...runs];

/** Entity `secret_generic`: off unless asked for. Both together find hard-coded credentials in generated code. */
export const genericSecretDetectors: readonly Detector[] = [genericDetector];

/** Every name that a log may give to what was found. */
export const secretRuleNames: readonly string[] = [
  ...new Set([
    ...tokenRules.map(({ name }) => name),
    ...contextRules.map(({ name }) => name),
    'address-password',
    'assignment',
    ...runs.map(({ rule }) => rule).filter((rule) => rule !== undefined),
  ]),
].toSorted();
