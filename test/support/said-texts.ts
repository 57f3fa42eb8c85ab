/** Everything that a reader of these bytes can find in them: all strings, names and numbers, and those of JSON in a string, however deep. */
export function saidTexts(json: string): readonly string[] {
  const said: string[] = [json];
  collect(parsed(json), said);
  return said;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function collect(value: unknown, said: string[]): void {
  if (typeof value === 'string') {
    said.push(value);
    collect(/^\s*[[{"]/.test(value) ? parsed(value) : undefined, said);
  } else if (typeof value === 'number') {
    said.push(String(value));
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      said.push(name);
      collect(member, said);
    }
  }
}
