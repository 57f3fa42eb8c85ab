import type { ApiFamily } from '../../core/operation.ts';

/** What prices a provider has. */
export interface PricedProvider {
  readonly api: ApiFamily;
  readonly host: string;
  /** A price list of genai-prices that the operator named; undefined = by the host. */
  readonly priceList: string | undefined;
}

/** Regional hosts of the same providers are dearer, and other hosts may be anybody's: their prices are the operator's to state. */
const LISTS: readonly { readonly api: ApiFamily; readonly host: string; readonly list: string }[] = [
  { api: 'openai', host: 'api.openai.com', list: 'openai' },
  { api: 'anthropic', host: 'api.anthropic.com', list: 'anthropic' },
];

/** The price list that holds for a provider; undefined where none is known to. */
export const priceListOf = ({ api, host, priceList }: PricedProvider): string | undefined =>
  priceList ?? LISTS.find((each) => each.api === api && each.host === host.toLowerCase())?.list;
