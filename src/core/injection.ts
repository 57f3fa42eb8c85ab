/** What is done about signs of prompt injection. Scores are those of `judgeInjection`. */
export interface InjectionRule {
  /** What nearly nothing honest contains: control tokens of chat templates, hidden text. */
  readonly blockers: 'log' | 'block';
  /** From this score on it is logged. */
  readonly alarm: number;
  /** From this score on the request is refused; undefined = never by its score. */
  readonly block: number | undefined;
}

/** Of several the strictest: what any of them logs or refuses. */
export const strictestInjection = (left: InjectionRule, right: InjectionRule): InjectionRule => ({
  blockers: left.blockers === 'block' ? 'block' : right.blockers,
  alarm: Math.min(left.alarm, right.alarm),
  block: left.block === undefined || right.block === undefined ? (left.block ?? right.block) : Math.min(left.block, right.block),
});
