import { OPERATIONS, type Operation } from '../../core/operation.ts';
import { BLOCK_KINDS, type Block, type KeyRecord } from '../../ports/key-store.ts';
import {
  digestText,
  idText,
  isText,
  optionalText,
  optionalTime,
  printable,
  refuseUnreadable,
  text,
  time,
  unreadable,
  word,
  type Row,
} from './columns.ts';

const listEntriesMax = 1_000;
const digestsMax = 2;

const environmentText = /^[a-z0-9]{1,12}$/;

export function parseKeyRow(row: Row): KeyRecord {
  const digests = textList(row, 'digests', digestText);
  if (digests === undefined || digests.length === 0 || digests.length > digestsMax) {
    throw unreadable('digests');
  }
  return {
    id: text(row, 'id', idText),
    environment: text(row, 'environment', environmentText),
    name: text(row, 'name'),
    client: text(row, 'client'),
    team: optionalText(row, 'team'),
    tier: optionalText(row, 'tier'),
    user: optionalText(row, 'user'),
    policy: optionalText(row, 'policy'),
    models: textList(row, 'models'),
    operations: textList(row, 'operations')?.map(operation),
    networks: textList(row, 'networks'),
    digests,
    createdAtMs: time(row, 'created_at_ms'),
    expiresAtMs: optionalTime(row, 'expires_at_ms'),
    revokedAtMs: optionalTime(row, 'revoked_at_ms'),
  };
}

/** A record as the columns of `insertKey`, in order. Throws `StoreError` `refused` where it could not be read back. */
export function encodeKeyRow(record: KeyRecord): (string | number | null)[] {
  const row = {
    id: record.id,
    environment: record.environment,
    name: record.name,
    client: record.client,
    team: record.team ?? null,
    tier: record.tier ?? null,
    user: record.user ?? null,
    policy: record.policy ?? null,
    models: JSON.stringify(record.models ?? null),
    operations: JSON.stringify(record.operations ?? null),
    networks: JSON.stringify(record.networks ?? null),
    digests: JSON.stringify(record.digests),
    created_at_ms: record.createdAtMs,
    expires_at_ms: record.expiresAtMs ?? null,
    revoked_at_ms: record.revokedAtMs ?? null,
  };
  refuseUnreadable(() => parseKeyRow(row));
  return Object.values(row);
}

export function parseBlockRow(row: Row): Block {
  const kind = word(row, 'kind', BLOCK_KINDS);
  const abortStreams = row['abort_streams'];
  if (abortStreams !== 0 && abortStreams !== 1) {
    throw unreadable('abort_streams');
  }
  const value = kind === 'all' ? row['value'] : text(row, 'value');
  if (typeof value !== 'string' || (kind === 'all' && value !== '')) {
    throw unreadable('value');
  }
  return { kind, value, reason: text(row, 'reason'), atMs: time(row, 'at_ms'), abortStreams: abortStreams === 1 };
}

export function encodeBlockRow(block: Block): (string | number)[] {
  const row = {
    kind: block.kind,
    value: block.value,
    reason: block.reason,
    at_ms: block.atMs,
    abort_streams: block.abortStreams ? 1 : 0,
  };
  refuseUnreadable(() => parseBlockRow(row));
  return Object.values(row);
}

/** JSON `null` is a list that was not given; SQL NULL is no list and unreadable, so that a lost value never widens a key. */
function textList(row: Row, column: string, pattern: RegExp = printable): readonly string[] | undefined {
  const value = parseJson(row[column], column);
  if (value === null) {
    return undefined;
  }
  if (!Array.isArray(value) || value.length > listEntriesMax) {
    throw unreadable(column);
  }
  return value.map((entry: unknown) => {
    if (!isText(entry, pattern)) {
      throw unreadable(column);
    }
    return entry;
  });
}

function parseJson(value: unknown, column: string): unknown {
  if (typeof value !== 'string') {
    throw unreadable(column);
  }
  try {
    return JSON.parse(value);
  } catch {
    throw unreadable(column);
  }
}

function operation(value: string): Operation {
  const known = OPERATIONS.find((name) => name === value);
  if (known === undefined) {
    throw unreadable('operations');
  }
  return known;
}
