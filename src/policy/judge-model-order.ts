import { deny, next, type Outcome } from '../core/outcome.ts';
import { allowsProvider, judgeModel, type Access, type AccessTables } from './access.ts';
import { judgeOrder, type Order, type OrderFacts } from './order.ts';

export interface ModelFacts<Model extends { readonly targets: OrderFacts['targets'] }> extends Pick<
  OrderFacts,
  'providers' | 'api' | 'path' | 'isLive'
> {
  readonly access: Access;
  readonly tables: AccessTables;
  readonly models: ReadonlyMap<string, Model>;
  /** As the client asked for it. */
  readonly name: string;
}

/** May the caller use this model, and which of its targets in which order? */
export function judgeModelOrder<Model extends { readonly targets: OrderFacts['targets'] }>(
  facts: ModelFacts<Model>,
): Outcome<{ readonly model: Model; readonly order: Order }> {
  const { access, tables, models, name, providers, api, path, isLive } = facts;
  const allowed = judgeModel(access, tables, name);
  if (allowed.kind !== 'next') {
    return allowed;
  }
  const model = models.get(name);
  if (model === undefined) {
    return deny('model_not_allowed', name);
  }
  const mayUse = (provider: string): boolean => allowsProvider(access, provider);
  const order = judgeOrder({ targets: model.targets, providers, api, path, mayUse, isLive });
  return order.kind === 'next' ? next({ model, order: order.found }) : order;
}
