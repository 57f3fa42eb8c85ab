import type { BackwardWriter } from './backward-writer.ts';
import { fieldNumber, MAP_ENTRY } from './definitions.ts';
import type { StructMessage, ValueMessage } from './messages.ts';

/** What may become a metadata value here. */
export type MetadataValue = string | number | readonly MetadataValue[] | { readonly [key: string]: MetadataValue };

export function toStruct(object: Readonly<Record<string, MetadataValue>>): StructMessage {
  const fields: Record<string, ValueMessage> = {};
  // A loop, not a chain of entries and their objects: this runs for every decision.
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value !== undefined) {
      fields[key] = toValue(value);
    }
  }
  return { fields };
}

function toValue(value: MetadataValue): ValueMessage {
  if (typeof value === 'string') {
    return { stringValue: value };
  }
  if (typeof value === 'number') {
    return { numberValue: value };
  }
  return isList(value) ? { listValue: { values: value.map(toValue) } } : { structValue: toStruct(value) };
}

const isList = (value: readonly MetadataValue[] | Readonly<Record<string, MetadataValue>>): value is readonly MetadataValue[] =>
  Array.isArray(value);

export const stringAt = (struct: StructMessage | undefined, key: string): string | undefined => struct?.fields?.[key]?.stringValue;

export const listAt = (struct: StructMessage | undefined, key: string): readonly ValueMessage[] | undefined =>
  struct?.fields?.[key]?.listValue?.values;

const FIELD = {
  entry: fieldNumber('google.protobuf.Struct', 'fields'),
  struct: fieldNumber('google.protobuf.Value', 'structValue'),
  text: fieldNumber('google.protobuf.Value', 'stringValue'),
} as const;

/** One more member of a Struct, a text. */
export function putEntry(writer: BackwardWriter, name: string, text: string): void {
  const { end } = writer;
  writer.putText(text);
  writer.embed(FIELD.text, end);
  endEntry(writer, name, end);
}

/** Makes the Struct whose members were put since `end` one more member of the Struct around it. */
export function endStructEntry(writer: BackwardWriter, name: string, end: number): void {
  writer.embed(FIELD.struct, end);
  endEntry(writer, name, end);
}

function endEntry(writer: BackwardWriter, name: string, end: number): void {
  writer.embed(MAP_ENTRY.value, end);
  const keyEnd = writer.end;
  writer.putText(name);
  writer.embed(MAP_ENTRY.key, keyEnd);
  writer.embed(FIELD.entry, end);
}
