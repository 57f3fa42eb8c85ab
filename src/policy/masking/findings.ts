import type { MaskAction } from '../../core/masking.ts';

/** How often each action was taken on each entity: for logs and metrics, without a character of what was found. */
export interface Findings {
  note(entity: string, action: MaskAction): void;
  /** `email mask` → 3. Plain data. */
  readonly counts: Map<string, number>;
}

export function openFindings(): Findings {
  const counts = new Map<string, number>();
  return {
    counts,
    note(entity, action) {
      const name = `${entity} ${action}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
  };
}
