import { MASK_ACTIONS } from '../../core/masking.ts';
import type { ExplainedGuards, ExplainedInjection } from './content.ts';
import type { ExplainedModel, Explanation } from './explain-request.ts';
import type { ExplainedLimit, ExplainedLimits } from './limits.ts';

type Section = readonly [heading: string, lines: (explanation: Explanation) => readonly string[]];

const sections: readonly Section[] = [
  ['Policies', policyLines],
  [
    'Endpoint',
    ({ endpoint }) => (endpoint === undefined ? [] : [`POST ${endpoint.path}: operation ${endpoint.operation}, API ${endpoint.api}`]),
  ],
  ['Model', ({ model }) => (model === undefined ? [] : modelLines(model))],
  ['Masking', maskingLines],
  ['Guards', ({ guards }) => (guards === undefined ? [] : guardLines(guards))],
  ['Injection', ({ injection }) => (injection === undefined ? [] : injectionLines(injection))],
  ['Limits', ({ limits }) => (limits === undefined ? [] : limitLines(limits))],
  ['Answer', answerLines],
  ['Body for the provider, with placeholders under a key for this one time', ({ body }) => (body === undefined ? [] : [body.trimEnd()])],
  ['Verdict', verdictLines],
];

/** The explanation for people: a heading for each step, and below it what would happen and why. */
export const renderText = (explanation: Explanation): string =>
  sections
    .map(([heading, linesOf]) => ({ heading, lines: linesOf(explanation) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ heading, lines }) => `${heading}\n${lines.map((line) => `  ${line}\n`).join('')}`)
    .join('');

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
/** `mask email, phone; redact secret`. */
function byAction(entities: Readonly<Record<string, string>>): string {
  const named = MASK_ACTIONS.map((action) => [action, Object.keys(entities).filter((entity) => entities[entity] === action)] as const);
  return named.flatMap(([action, names]) => (names.length === 0 ? [] : `${action} ${names.join(', ')}`)).join('; ');
}

function policyLines({ policies, networks }: Explanation): readonly string[] {
  if (policies === undefined) {
    return [];
  }
  return [`${policies.join(', ')}: each of them must allow it`, ...(networks ?? []).map((each) => `only from ${each.join(', ')}`)];
}

const modelLines = ({ name, targets, needsApproval }: ExplainedModel): readonly string[] => [
  name ?? 'a name that the settings do not declare',
  ...targets.map(({ provider, model, path }, index) => `${String(index + 1)}. ${model} at ${provider}, ${path} (taken to be live)`),
  ...(needsApproval ? ['an approval must be in force: whether one is was not looked up'] : []),
];

function maskingLines({ masking, model, refusals }: Explanation): readonly string[] {
  if (masking === undefined) {
    return model === undefined ? [] : ['nothing is looked for'];
  }
  const { entities, pass, namesFrom, found } = masking;
  return [
    `looked for: ${Object.keys(entities).length === 0 ? 'nothing' : byAction(entities)}`,
    ...(pass.length === 0 ? [] : [`passes unread: ${pass.join(', ')}`]),
    ...(namesFrom === undefined ? [] : [`names that the guard ${namesFrom} finds are hidden, too: it was not asked here`]),
    ...(found.length === 0 ? ['found: nothing'] : []),
    ...found.map(({ place, entity, action, count }) => `found: ${entity}, ${String(count)} in ${place}: ${action}`),
    ...(refusals.some(({ step }) => step === 'masking') ? ['the search ends with the first that is refused'] : []),
  ];
}

const namedGuards = (rules: ExplainedGuards['request']): string =>
  listed(rules.map(({ name, onFault }) => `${name} (in a fault: ${onFault})`));

function guardLines({ request, response, stream }: ExplainedGuards): readonly string[] {
  if (request.length + response.length === 0) {
    return ['none'];
  }
  return [
    `asked about the request: ${namedGuards(request)}`,
    `asked about the answer: ${namedGuards(response)}`,
    'none of them was asked here',
    ...(stream === undefined
      ? []
      : [`the stream: ${typeof stream === 'object' ? `judged each time ${String(stream.window)} characters of it have come` : stream}`]),
  ];
}

const injectionLines = ({ rule, score, families, blockers }: ExplainedInjection): readonly string[] => [
  `score ${String(score)}, signals: ${listed(families)}, blockers: ${listed(blockers)}`,
  rule === undefined
    ? 'no rule: nothing is done about it'
    : `blockers: ${rule.blockers}; logged from ${String(rule.alarm)}, refused ${rule.block === undefined ? 'by no score' : `from ${String(rule.block)}`}`,
];

const limitLines = ({ limits, inputTokensMax, countedBy }: ExplainedLimits): readonly string[] => [
  ...(limits.length === 0 ? ['none'] : [...limits.map(limitLine), 'whether there is room was not looked up']),
  ...(inputTokensMax === undefined ? [] : [`input: ${String(inputTokensMax)} tokens at most`]),
  ...(countedBy === undefined
    ? []
    : [`the gateway counts by ${countedBy}: it may hold less than what is said here, and let pass what would not fit`]),
];

function limitLine({ level, subject, kind, limit, per, ofModel, held }: ExplainedLimit): string {
  const whose = subject === '' ? level : `${level} ${subject}`;
  const unit = kind === 'budget' ? ' USD' : '';
  const holds = held === undefined ? 'what it would hold cannot be told' : `it would hold ${held}${unit}`;
  return `${whose}${ofModel ? ', for this model' : ''}: ${kind} ${limit}${unit} ${per}; ${holds}`;
}

function answerLines({ model, masking, answer }: Explanation): readonly string[] {
  if (model === undefined) {
    return [];
  }
  const hosts = answer?.trustedHosts ?? [];
  return [
    answer === undefined ? 'nothing is looked for' : `looked for: ${byAction(answer.entities)}`,
    ...(answer === undefined || answer.pass.length === 0 ? [] : [`passes unread: ${answer.pass.join(', ')}`]),
    ...(hosts.length === 0 ? [] : [`links may carry data to: ${hosts.join(', ')}`]),
    ...(masking === undefined ? [] : [masking.restores ? 'placeholders become what they stand for' : 'placeholders stay']),
  ];
}

function verdictLines({ refusals }: Explanation): readonly string[] {
  return refusals.length === 0
    ? ['released']
    : refusals.map(({ step, code, why }, index) => `${index === 0 ? 'refused' : 'also'}: ${code} (${step}). ${why}`);
}
