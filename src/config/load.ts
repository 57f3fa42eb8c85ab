import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, isPair, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { z } from 'zod';
import { innermostIssues, issueText } from './issue-text.ts';
import { looksLikeSecretValue } from '../core/secret-shape.ts';
import { checkRelations } from './relations.ts';
import { resolveSettings } from './resolve.ts';
import { SettingsError, type Problem } from './problem.ts';
import { settingsSchema } from './schema.ts';
import type { Settings } from './settings.ts';
import { suggest } from './suggest.ts';
import type { Path } from './report.ts';

const settingsBytesMax = 4 * 1_024 * 1_024;

/** Reads and judges a settings file. Throws `SettingsError` with every problem found; never returns settings that are half right. */
export function loadSettings(file: string): Settings {
  return parseSettings(readBounded(file), file);
}

/** As `loadSettings`, for text already read; `file` names it in messages and is what relative paths are relative to. */
export function parseSettings(text: string, file: string): Settings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true });
  const problems: Problem[] = document.errors.map((error) => ({
    path: '',
    line: error.linePos?.[0].line,
    // The line is said beside it.
    message: (error.message.split('\n')[0] ?? 'not valid YAML').replace(/ at line \d+, column \d+:?$/, ''),
  }));
  stopIfAny(file, problems);
  const report = (path: Path, message: string): void => {
    problems.push({ path: path.join('.'), line: lineOf(document, path, lines), message });
  };
  reportPastedSecrets(document, lines, problems);
  stopIfAny(file, problems);
  const content: unknown = document.toJS({ maxAliasCount: 100 });
  const parsed = settingsSchema.safeParse(content, { error: issueText });
  if (!parsed.success) {
    for (const issue of parsed.error.issues.flatMap(innermostIssues)) {
      reportIssue(issue, report);
    }
    throw new SettingsError(file, problems);
  }
  checkRelations(parsed.data, report);
  stopIfAny(file, problems);
  return resolveSettings(parsed.data, dirname(resolve(file)));
}

function readBounded(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > settingsBytesMax) {
      throw new SettingsError(file, [{ path: '', line: undefined, message: `larger than ${String(settingsBytesMax)} bytes` }]);
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof SettingsError) {
      throw error;
    }
    throw new SettingsError(file, [{ path: '', line: undefined, message: 'cannot be read; name the file with --config FILE' }]);
  }
}

function stopIfAny(file: string, problems: readonly Problem[]): void {
  if (problems.length > 0) {
    throw new SettingsError(file, problems);
  }
}

function reportIssue(issue: z.core.$ZodIssue, report: (path: Path, message: string) => void): void {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code !== 'unrecognized_keys') {
    report(path, issue.message);
    return;
  }
  const known = knownKeys(path);
  for (const key of issue.keys) {
    const nearest = suggest(key, known);
    report(
      [...path, key],
      `unknown key${nearest === undefined ? '' : ` (did you mean "${nearest}"?)`}${known.length === 0 ? '' : `; known here: ${known.join(', ')}`}`,
    );
  }
}

type JsonSchema = z.core.JSONSchema._JSONSchema;

/** The keys that the schema has at `path`, through unions, lists and records. */
function knownKeys(path: Path): readonly string[] {
  const whole = settingsJsonSchema();
  const open = (schema: JsonSchema): readonly JsonSchema[] => alternatives(schema, whole.$defs ?? {});
  let here: readonly JsonSchema[] = [whole];
  for (const part of path) {
    here = here.flatMap(open).flatMap((schema) => step(schema, part));
  }
  return here.flatMap(open).flatMap((schema) => (typeof schema === 'boolean' ? [] : Object.keys(schema.properties ?? {})));
}

/** A schema's forms: of a union each, of a name what it stands for. */
function alternatives(schema: JsonSchema, named: Readonly<Record<string, JsonSchema>>): readonly JsonSchema[] {
  if (typeof schema === 'boolean') {
    return [schema];
  }
  const target = schema.$ref === undefined ? undefined : named[schema.$ref.replace('#/$defs/', '')];
  if (target !== undefined) {
    return alternatives(target, named);
  }
  return schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap((each) => alternatives(each, named));
}

function step(schema: JsonSchema, part: string | number): readonly JsonSchema[] {
  if (typeof schema === 'boolean') {
    return [];
  }
  const named = schema.properties?.[String(part)] ?? schema.additionalProperties;
  const found = typeof part === 'number' && !Array.isArray(schema.items) ? schema.items : named;
  return found === undefined ? [] : [found];
}

/** The JSON Schema of `sallyport.yaml`, for editors. */
export function settingsJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' });
}

/** The line of the innermost node of `path` that the document has. */
function lineOf(document: Document.Parsed, path: Path, lines: LineCounter): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) {
      return lines.linePos(offset).line;
    }
  }
  return undefined;
}

function offsetOf(document: Document.Parsed, path: Path): number | undefined {
  const parent = path.length === 0 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent) && last !== undefined) {
    const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(last));
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(path, true);
  return isScalar(node) ? node.range?.[0] : undefined;
}

/** A secret in the file itself would be in its repository too. The value is not repeated in the message. */
function reportPastedSecrets(document: Document.Parsed, lines: LineCounter, problems: Problem[]): void {
  visit(document, {
    Pair(_key, pair) {
      // The digest of a public key looks as random as a key.
      return isScalar(pair.key) && pair.key.value === 'pins' ? visit.SKIP : undefined;
    },
    Scalar(_key, node) {
      if (typeof node.value === 'string' && looksLikeSecretValue(node.value)) {
        problems.push({
          path: '',
          line: lines.linePos(node.range?.[0] ?? 0).line,
          message: 'this looks like a secret; put it into a secret store or a file and name it by reference (file:/path, aws:path#field)',
        });
      }
    },
  });
}
