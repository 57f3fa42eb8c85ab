const referenceCharactersMax = 512;

/** `SecretReference` of ports/secret-source.ts, as plain data: policy knows no ports. */
export interface ParsedReference {
  readonly store: string;
  readonly path: string;
  readonly field: string | undefined;
}

const grammar = /^(?<store>[a-z0-9][a-z0-9-]{0,62}):(?<path>[^#]+)(?:#(?<field>[A-Za-z0-9_.-]{1,128}))?$/;
const storePath = /^[A-Za-z0-9._/@+=:,-]+$/;
/** Wider than a store's: a settings file may lie below any home directory. */
const filePath = /^[\p{L}\p{M}\p{N} ._/@+=:,~()-]+$/u;

/** Segments that would make two spellings of one path, or leave the directory that the path names. */
const hasOddSegment = (segments: readonly string[]): boolean =>
  segments.some((segment) => segment === '' || segment === '.' || segment === '..');

const isStorePath = (path: string): boolean => storePath.test(path) && !hasOddSegment(path.split('/'));

function isFilePath(path: string): boolean {
  if (!filePath.test(path)) {
    return false;
  }
  if (path.startsWith('/')) {
    return !hasOddSegment(path.slice(1).split('/'));
  }
  return path.startsWith('./') && !hasOddSegment(path.slice(2).split('/'));
}

/**
 * `file:/absolute` · `file:./relative` · `<store>:<path>`, each with an optional `#<field>` (a member of the JSON object
 * that the secret then is). Undefined for anything else, for `//`, `.` and `..` segments, and over 512 characters.
 */
export function parseSecretReference(text: string): ParsedReference | undefined {
  if (text.length > referenceCharactersMax) {
    return undefined;
  }
  const { store, path, field } = grammar.exec(text)?.groups ?? {};
  if (store === undefined || path === undefined) {
    return undefined;
  }
  const wellFormed = store === 'file' ? isFilePath(path) : isStorePath(path);
  return wellFormed ? { store, path, field } : undefined;
}
