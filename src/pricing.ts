import { loadSettings } from './config/load.ts';
import { SettingsError, type Problem } from './config/problem.ts';
import type { Model, Settings } from './config/settings.ts';
import type { LimitRule } from './core/limit.ts';
import type { PriceBook } from './policy/prices/price-book.ts';
import { modelsMatching } from './policy/model-scope.ts';
import { preparePrices } from './prepare.ts';

/** As `loadSettings`, and refuses money without a price: each request under such a budget would be refused. Throws `SettingsError`. */
export function loadPricedSettings(file: string): Settings {
  const settings = loadSettings(file);
  const problems = unpricedBudgets(settings, preparePrices(settings));
  if (problems.length > 0) {
    throw new SettingsError(file, problems);
  }
  return settings;
}

/** Targets without a known price, of models that a budget may apply to. */
export function unpricedBudgets(settings: Settings, prices: PriceBook): readonly Problem[] {
  return [...settings.models.values()].flatMap((model) => {
    const budget = budgetOn(settings, model.name);
    return budget === undefined ? [] : unpricedTargets(model, prices, budget);
  });
}

const unpricedTargets = (model: Model, prices: PriceBook, budget: string): readonly Problem[] =>
  model.targets.flatMap(({ provider, model: name }, index): readonly Problem[] =>
    isPriced(prices, provider, name)
      ? []
      : [
          {
            path: `models.${model.name}.targets.${String(index)}`,
            line: undefined,
            message: `"${name}" at "${provider}" has no known price, and ${budget} limits money: state it as prices.providers.${provider}.${name}, or set prices.ceiling`,
          },
        ],
  );

/** A model for embeddings alone has no price of output. */
const isPriced = (prices: PriceBook, provider: string, model: string): boolean =>
  (['chat', 'embeddings'] as const).some(
    (operation) =>
      prices.ceilingOf(
        { provider, models: [model], operation, serviceTier: undefined, speed: undefined },
        { inputTokens: 1, outputTokens: 1, webSearches: 0 },
      ).kind === 'bounded',
  );

/** Where a budget stands that may apply to a model. */
function budgetOn({ limits, policies, models }: Settings, model: string): string | undefined {
  const declared = new Set(models.keys());
  const places: readonly (readonly [string, readonly LimitRule[]])[] = [
    ['limits.global', limits.global],
    [`limits.models.${model}`, limits.models.get(model) ?? []],
    ...[...limits.each].map(([level, rules]) => [`limits of each ${level}`, rules] as const),
    ...[...policies]
      .filter(([, policy]) => modelsMatching(policy.models, declared).has(model))
      .map(([name, policy]) => [`policies.${name}.limits`, policy.limits] as const),
  ];
  return places.find(([, rules]) => rules.some((rule) => rule.kind === 'budget' && (rule.model ?? model) === model))?.[0];
}
