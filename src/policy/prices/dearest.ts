import { must } from '../../core/assert.ts';
import type { Unpriced } from './charge.ts';
import type { Sheet } from './sheet.ts';

/** Nobody states a price, so nothing can be said: it is not 0. `name` is that of the model, tier or component without one. */
export interface UnknownPrice {
  readonly kind: 'unknown';
  readonly what: 'model' | 'serviceTier' | 'component';
  readonly name: string;
}

/** The sheets that a figure is taken from, and what they leave open. Never neither. */
export interface Applicable {
  readonly sheets: readonly Sheet[];
  readonly missing: UnknownPrice | undefined;
}

interface Priced {
  readonly kind: 'priced';
  readonly nanoUsd: number;
}

interface Dearest<Figure> {
  readonly kind: 'dearest';
  readonly figure: Figure;
  /** Something had no price, and the substitute was taken into account. */
  readonly isSubstituted: boolean;
}

/** The dearest figure by any sheet. Where something has no price the substitute is one of the sheets; without one it is unknown. */
export function dearestOf<Figure extends Priced>(
  { sheets, missing }: Applicable,
  substitute: Sheet | undefined,
  evaluate: (sheet: Sheet) => Figure | Unpriced,
): Dearest<Figure> | UnknownPrice {
  const figures: Figure[] = [];
  let unknown = missing;
  for (const sheet of sheets) {
    const figure = evaluate(sheet);
    if (figure.kind === 'unpriced') {
      unknown ??= { kind: 'unknown', what: 'component', name: figure.component };
    } else {
      figures.push(figure);
    }
  }
  if (unknown !== undefined) {
    const figure = substitute === undefined ? undefined : evaluate(substitute);
    if (figure?.kind !== 'priced') {
      return unknown;
    }
    figures.push(figure);
  }
  const [dearest] = figures.toSorted((left, right) => right.nanoUsd - left.nanoUsd);
  must(dearest !== undefined, 'without a price it is said what is missing');
  return { kind: 'dearest', figure: dearest, isSubstituted: unknown !== undefined };
}
