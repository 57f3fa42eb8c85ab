import { fieldNumber, MAP_ENTRY } from './definitions.ts';
import type { FieldReader } from './field-reader.ts';
import type { StructMessage, ValueMessage } from './messages.ts';

const FIELD = {
  member: fieldNumber('google.protobuf.Struct', 'fields'),
  number: fieldNumber('google.protobuf.Value', 'numberValue'),
  text: fieldNumber('google.protobuf.Value', 'stringValue'),
  bool: fieldNumber('google.protobuf.Value', 'boolValue'),
  struct: fieldNumber('google.protobuf.Value', 'structValue'),
  list: fieldNumber('google.protobuf.Value', 'listValue'),
  element: fieldNumber('google.protobuf.ListValue', 'values'),
} as const;

/** Puts one entry of a `map<string, …>` into an object; of two with the same key the last one stays (Protocol Buffers, "Maps"). */
function readEntry<Value>(entry: FieldReader, read: (value: FieldReader) => Value, absent: Value, into: Record<string, Value>): void {
  let key = '';
  let value = absent;
  for (let field = entry.next(); field !== 0; field = entry.next()) {
    if (field === MAP_ENTRY.key) {
      key = entry.text();
    } else if (field === MAP_ENTRY.value) {
      value = read(entry.fields());
    }
  }
  if (key === '__proto__') {
    // Assigned, it would become the object's prototype.
    Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    into[key] = value;
  }
}

const NO_STRUCT: StructMessage = {};
const NO_VALUE: ValueMessage = {};

/** `google.protobuf.Struct`. Bytes nested deeper than the stack reaches are a `RangeError` too. */
export function readStruct(reader: FieldReader): StructMessage {
  const fields: Record<string, ValueMessage> = {};
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === FIELD.member) {
      readEntry(reader.fields(), readValue, NO_VALUE, fields);
    }
  }
  return { fields };
}

/** A map of Structs by name: attributes, or the metadata of filters. */
export const readStructEntry = (entry: FieldReader, into: Record<string, StructMessage>): void => {
  readEntry(entry, readStruct, NO_STRUCT, into);
};

function readValue(reader: FieldReader): ValueMessage {
  let value = NO_VALUE;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case FIELD.text:
        value = { stringValue: reader.text() };
        break;
      case FIELD.number:
        value = { numberValue: reader.double() };
        break;
      case FIELD.bool:
        value = { boolValue: reader.number() !== 0 };
        break;
      case FIELD.struct:
        value = { structValue: readStruct(reader.fields()) };
        break;
      case FIELD.list:
        value = { listValue: { values: readElements(reader.fields()) } };
        break;
      default:
        // Null, or a kind that is not known here: no value that anything rests on.
        value = NO_VALUE;
    }
  }
  return value;
}

function readElements(reader: FieldReader): readonly ValueMessage[] {
  const values: ValueMessage[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === FIELD.element) {
      values.push(readValue(reader.fields()));
    }
  }
  return values;
}
