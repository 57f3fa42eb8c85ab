/** True where `name` is `pattern`, or starts with what precedes its final `*`. Case decides: model names are exact. */
export const matchesModel = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

/** The declared models that any pattern matches. Patterns reach declared models only: an undeclared name never passes by prefix. */
export function modelsMatching(patterns: readonly string[], declared: Iterable<string>): ReadonlySet<string> {
  const matched = new Set<string>();
  for (const name of declared) {
    if (patterns.some((pattern) => matchesModel(pattern, name))) {
      matched.add(name);
    }
  }
  return matched;
}
