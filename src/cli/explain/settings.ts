import type { InjectionRule } from '../../core/injection.ts';
import type { ApiFamily } from '../../core/operation.ts';
import type { Vocabulary } from '../../core/vocabulary.ts';
import type { Access, AccessTables } from '../../policy/access.ts';
import type { GuardTables } from '../../policy/guards/tables.ts';
import type { LimitTables } from '../../policy/limits/applicable.ts';
import type { CapRule } from '../../policy/llm/cap-output.ts';
import type { Masking } from '../../policy/masking/masking.ts';
import type { PriceBook } from '../../policy/prices/price-book.ts';

/** What decisions read of the settings; `DecisionSettings` has this shape. */
export interface ExplainSettings {
  readonly access: AccessTables;
  readonly limits: LimitTables;
  readonly masking: (access: Access) => Masking | undefined;
  readonly injection: InjectionRule | undefined;
  readonly guards: GuardTables;
  readonly nameFinder: string | undefined;
  readonly prices: Pick<PriceBook, 'ceilingOf'>;
  readonly models: ReadonlyMap<string, ExplainModel>;
  readonly providers: ReadonlyMap<string, { readonly api: ApiFamily; readonly authority: string; readonly basePath: string }>;
  readonly bodyBytesMax: number;
}

export interface ExplainModel {
  readonly targets: readonly { readonly provider: string; readonly model: string }[];
  readonly cap: CapRule | undefined;
  readonly contextTokens: number | undefined;
  readonly vocabulary: Vocabulary | undefined;
  readonly needsApproval: boolean;
}
