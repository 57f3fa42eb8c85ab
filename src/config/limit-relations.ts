import { rulesIn, type RawLimitSet } from './limits-schema.ts';
import type { RawSettings } from './schema.ts';
import { didYouMean } from './suggest.ts';
import type { Path, Report } from './report.ts';

const KINDS = ['requests', 'tokens', 'concurrent', 'budget'] as const;

/** Limits name models and organisations name teams; a name that nothing else knows would limit nobody. */
export function checkLimitRelations(raw: RawSettings, report: Report): void {
  const models = Object.keys(raw.models);
  const { timezone: _zone, models: ofModels, ...subjects } = raw.limits;
  for (const [name, limits] of Object.entries(subjects)) {
    checkRuleModels(limits, models, ['limits', name], report);
  }
  for (const [model, limits] of Object.entries(ofModels)) {
    if (!models.includes(model)) {
      report(['limits', 'models', model], `${undeclared(model, models)}; a limit names one exactly`);
    }
    checkRuleModels(limits, [model], ['limits', 'models', model], report);
  }
  for (const [name, policy] of Object.entries(raw.policies)) {
    checkRuleModels(policy.limits, models, ['policies', name, 'limits'], report);
  }
  checkOutputs(raw, report);
  checkOrganisations(raw, report);
}

function checkRuleModels(limits: RawLimitSet | undefined, models: readonly string[], path: Path, report: Report): void {
  for (const kind of KINDS) {
    for (const { model } of rulesIn<string | number>(limits?.[kind])) {
      if (model !== undefined && !models.includes(model)) {
        report([...path, kind], `model ${undeclared(model, models)}; a limit names one exactly`);
      }
    }
  }
}

const undeclared = (model: string, models: readonly string[]): string => `"${model}" is not declared here${didYouMean(model, models)}`;

function checkOutputs(raw: RawSettings, report: Report): void {
  for (const [name, { output }] of Object.entries(raw.models)) {
    if (output.default !== undefined && output.max !== undefined && output.default > output.max) {
      report(['models', name, 'output', 'default'], `larger than output.max (${String(output.max)}): lower it, or raise the maximum`);
    }
  }
}

function checkOrganisations(raw: RawSettings, report: Report): void {
  const owners = new Map<string, string>();
  for (const [name, { teams }] of Object.entries(raw.organisations)) {
    for (const [index, team] of teams.entries()) {
      const owner = owners.get(team);
      if (!Object.hasOwn(raw.teams, team)) {
        report(['organisations', name, 'teams', index], `unknown team "${team}"${didYouMean(team, Object.keys(raw.teams))}`);
      } else if (owner !== undefined) {
        report(['organisations', name, 'teams', index], `team "${team}" already belongs to "${owner}"; a team has one organisation`);
      }
      owners.set(team, name);
    }
  }
}
