import { extractionFamily } from './extraction.ts';
import { overrideFamily } from './override.ts';
import { jailbreakFamily, personaFamily } from './persona.ts';
import { authorityFamily, neverRefuseFamily } from './pressure.ts';
import type { Family } from './signal.ts';
import { decodeFamily, elsewhereFamily } from './smuggling.ts';

/** Published templates of attacks, each way of writing one a family. */
export const families: readonly Family[] = [
  overrideFamily,
  extractionFamily,
  jailbreakFamily,
  personaFamily,
  neverRefuseFamily,
  authorityFamily,
  decodeFamily,
  elsewhereFamily,
];
