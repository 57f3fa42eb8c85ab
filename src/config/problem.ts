/** One thing that is wrong in a settings file, for a person to mend. */
export interface Problem {
  /** Where: `providers.openai.url`. Empty for the file as a whole. */
  readonly path: string;
  readonly line: number | undefined;
  readonly message: string;
}

/** The settings cannot be used. Carries every problem found, not only the first. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    super(problems.map((problem) => describeProblem(file, problem)).join('\n'));
    this.problems = problems;
  }
}

export function describeProblem(file: string, problem: Problem): string {
  const at = problem.line === undefined ? file : `${file}:${String(problem.line)}`;
  return problem.path === '' ? `${at}: ${problem.message}` : `${at}: ${problem.path}: ${problem.message}`;
}
