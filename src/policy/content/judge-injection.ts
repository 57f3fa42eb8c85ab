import type { InjectionRule } from '../../core/injection.ts';
import { deny, next, type Outcome } from '../../core/outcome.ts';
import { judgeInjection, type OriginalText } from '../injection/judge.ts';

/** Words of a request under a rule: what the log is told, or a refusal. Nothing of a text is in either. */
export function judgeWords(rule: InjectionRule, texts: readonly OriginalText[]): Outcome<readonly string[]> {
  const { score, signals, blockers } = judgeInjection(texts);
  const kinds = [...new Set(blockers.map(({ kind }) => kind))];
  const families = [...new Set(signals.map(({ family }) => family))];
  const description = `injection ${String(score)} ${[...kinds, ...families].join(',')}`;
  if (rule.blockers === 'block' && kinds.length > 0) {
    return deny('injection_suspected', description, `Found: ${kinds.join(', ')}.`);
  }
  if (rule.block !== undefined && score >= rule.block) {
    return deny('injection_suspected', description);
  }
  return next(kinds.length > 0 || score >= rule.alarm ? [description] : []);
}
