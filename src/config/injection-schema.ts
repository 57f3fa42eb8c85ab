import { z } from 'zod';
import type { InjectionRule } from '../core/injection.ts';

const score = z.int().min(1).max(100);

/** `injection` of the settings and of a policy. */
export const injectionSchema = z
  .strictObject({
    blockers: z.enum(['log', 'block']).default('block'),
    alarm: score.default(3),
    block: score.optional(),
  })
  .meta({ id: 'Injection' });

export const resolveInjection = (raw: z.output<typeof injectionSchema> | undefined): InjectionRule | undefined =>
  raw === undefined ? undefined : { blockers: raw.blockers, alarm: raw.alarm, block: raw.block };
