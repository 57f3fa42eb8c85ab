import type { Member } from '../json/document.ts';
import { readString } from '../json/read.ts';
import type { BodyOperation } from './fields.ts';
import { pickMembers } from './spelling.ts';
import { noteUnbounded } from './unbounded.ts';
import type { UnboundedList } from './unbounded.ts';

/** A tool whose definition the provider writes itself, for the client to run (a shell, an editor). Documented: up to 700 tokens each. */
const writtenTokensMax = 2_048;

interface ClientTools {
  /** Defined by the request itself, so that their bytes bound them; `''` stands for no type at all. */
  readonly defined: ReadonlySet<string>;
  /** How the types begin of those that the provider writes. */
  readonly written: readonly string[];
}

const NO_TOOLS: ClientTools = { defined: new Set(), written: [] };

/** What the client runs; any other tool runs at the provider, or is not known to this gateway. */
const CLIENT_TOOLS: Readonly<Record<BodyOperation, ClientTools>> = {
  chat: { defined: new Set(['function', 'custom']), written: [] },
  completions: NO_TOOLS,
  embeddings: NO_TOOLS,
  responses: { defined: new Set(['function', 'custom', 'namespace']), written: ['local_shell', 'apply_patch'] },
  messages: { defined: new Set(['', 'custom']), written: ['bash_', 'text_editor_', 'memory_'] },
  count_tokens: NO_TOOLS,
};

/** Tools at the providers by how their types begin, for the refusal to name. */
const SERVER_TOOLS: readonly string[] = [
  'web_search',
  'web_fetch',
  'file_search',
  'code_interpreter',
  'code_execution',
  'image_generation',
  'computer',
  'browser',
  'mcp',
  'tool_search',
  'shell',
  'advisor',
  'programmatic_tool_calling',
];

const typeNames: ReadonlySet<string> = new Set(['type']);

/** The type of a tool or a part of content: `''` where it has none, undefined where it cannot be told. */
export function typeOf(bytes: Uint8Array, members: readonly Member[]): string | undefined {
  const picked = pickMembers(members, typeNames);
  const type = picked?.get('type');
  if (picked === undefined || (type !== undefined && type.type !== 'string' && type.type !== 'null')) {
    return undefined;
  }
  return type?.type === 'string' ? readString(bytes, type) : '';
}

/**
 * Notes a tool that runs at the provider or is not known; returns the tokens that the provider adds to the prompt for one whose
 * definition is its own. `members` are the tool's, `spanBytes` what it takes of the body.
 */
export function noteTool(
  list: UnboundedList,
  operation: BodyOperation,
  bytes: Uint8Array,
  tool: { readonly members: readonly Member[]; readonly spanBytes: number },
): number {
  const { defined, written } = CLIENT_TOOLS[operation];
  const type = typeOf(bytes, tool.members);
  if (type !== undefined && defined.has(type)) {
    return 0;
  }
  if (type !== undefined && written.some((start) => type.startsWith(start))) {
    return writtenTokensMax;
  }
  const known = SERVER_TOOLS.find((start) => type?.startsWith(start) === true);
  const what = known === undefined ? 'a tool of a type that this gateway does not know' : `the tool "${known}"`;
  noteUnbounded(list, 'tool', what, tool.spanBytes);
  return 0;
}
