import type { GuardKind } from '../core/guard.ts';
import { stageShare } from '../core/stage-share.ts';
import { parseDurationMs, parseSizeBytes } from '../core/units.ts';
import type { RawSettings } from './schema.ts';
import { didYouMean } from './suggest.ts';
import type { Path, Report } from './report.ts';

type RawGuard = RawSettings['guardrails'][number];

/** The keys that only some kinds have a use for. */
const KIND_KEYS = ['model', 'language', 'entities', 'threshold', 'ignore'] as const;
type KindKey = (typeof KIND_KEYS)[number];

interface KindRule {
  /** By key: what it may look like. */
  readonly needs: Readonly<Partial<Record<KindKey, string>>>;
  readonly takes: readonly KindKey[];
}

const KINDS: Readonly<Record<GuardKind, KindRule>> = {
  'llama-guard': { needs: { model: 'llama-guard3:8b' }, takes: ['model', 'ignore'] },
  'openai-moderation': { needs: { model: 'omni-moderation-latest' }, takes: ['model', 'threshold', 'ignore'] },
  presidio: { needs: { language: 'en', threshold: '0.4' }, takes: ['language', 'threshold', 'entities', 'ignore'] },
  http: { needs: {}, takes: ['threshold', 'ignore'] },
};

/** What a guard needs depends on its kind; and a guard that no policy names would judge nothing, which nobody means. */
export function checkGuardRelations(raw: RawSettings, report: Report): void {
  const names = raw.guardrails.map(({ name }) => name);
  const used = new Set([...Object.values(raw.policies).flatMap(({ guards }) => guards), raw.names.presidio]);
  for (const [index, guard] of raw.guardrails.entries()) {
    const path = ['guardrails', index];
    if (names.indexOf(guard.name) !== index) {
      report([...path, 'name'], `there are two guards "${guard.name}"; a name stands for one`);
    } else if (!used.has(guard.name)) {
      report([...path, 'name'], `no policy names this guard, so it would judge nothing; add it to policies.<name>.guards, or remove it`);
    }
    checkKind(guard, path, report);
    checkUrl(guard, path, report);
    checkTimeout(guard, raw.edge.timeouts.decision, path, report);
    checkWindow(guard, path, report);
  }
  checkPolicyGuards(raw, names, report);
  checkNameFinder(raw, report);
}

/** Only an analyzer says where in a text something is. */
function checkNameFinder({ names, guardrails }: RawSettings, report: Report): void {
  const finders = guardrails.filter(({ kind }) => kind === 'presidio').map(({ name }) => name);
  if (names.presidio !== undefined && !finders.includes(names.presidio)) {
    report(
      ['names', 'presidio'],
      `unknown guard "${names.presidio}"${didYouMean(names.presidio, finders)}; declare one of the kind presidio under "guardrails:"`,
    );
  }
}

function checkKind(guard: RawGuard, path: Path, report: Report): void {
  const { needs, takes } = KINDS[guard.kind];
  for (const key of KIND_KEYS) {
    const example = needs[key];
    if (guard[key] === undefined && example !== undefined) {
      report([...path, 'kind'], `a guard of the kind ${guard.kind} needs "${key}", such as "${key}: ${example}"`);
    }
    if (guard[key] !== undefined && !takes.includes(key)) {
      report([...path, key], `a guard of the kind ${guard.kind} has no use for it; remove it`);
    }
  }
  if (typeof guard.threshold === 'object' && guard.kind === 'presidio') {
    report([...path, 'threshold'], 'presidio takes one number for all entities');
  }
  if (typeof guard.threshold === 'object' && guard.kind === 'http') {
    report([...path, 'threshold'], 'this kind gives one score; use one number');
  }
}

/** The paths of all APIs but the plain one are known; what is configured is what stands before them. */
function checkUrl({ kind, url }: RawGuard, path: Path, report: Report): void {
  if (kind === 'http') {
    return;
  }
  if (url.includes('?')) {
    report([...path, 'url'], 'remove the query ("?..."): this is a base URL');
  }
  const added = /\/(?:v1|analyze|moderations|chat\/completions)\/*$/.exec(url)?.[0];
  if (added !== undefined) {
    report([...path, 'url'], `remove "${added}" at the end: the path of the API is added to it`);
  }
}

function checkTimeout(guard: RawGuard, decision: string, path: Path, report: Report): void {
  const stageMs = Math.floor((parseDurationMs(decision) ?? 0) * stageShare);
  if ((parseDurationMs(guard.timeout) ?? 0) > stageMs) {
    report(
      [...path, 'timeout'],
      `longer than a decision may take (${String(stageMs)}ms, four fifths of edge.timeouts.decision); lower it, or raise that`,
    );
  }
}

/** Of a window and of what came before it, each as long as it may be, in characters of three bytes. */
const questionBytesPerCharacter = 6;

function checkWindow({ stream, on, textMax }: RawGuard, path: Path, report: Report): void {
  if (typeof stream !== 'object') {
    return;
  }
  const needed = stream.window * questionBytesPerCharacter;
  if (!on.includes('response')) {
    report([...path, 'stream', 'window'], 'this guard judges no answers; add response to "on", or remove it');
  } else if ((parseSizeBytes(textMax) ?? 0) < needed) {
    report(
      [...path, 'stream', 'window'],
      `a question of it may have ${String(needed)} bytes; lower it, or raise textMax to ${String(needed)}B`,
    );
  }
}

function checkPolicyGuards(raw: RawSettings, names: readonly string[], report: Report): void {
  for (const [policy, { guards }] of Object.entries(raw.policies)) {
    for (const [index, guard] of guards.entries()) {
      if (!names.includes(guard)) {
        report(
          ['policies', policy, 'guards', index],
          `unknown guard "${guard}"${didYouMean(guard, names)}; declare it under "guardrails:"`,
        );
      }
    }
  }
}
