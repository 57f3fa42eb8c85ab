import { Buffer } from 'node:buffer';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { z } from 'zod';

/**
 * What a proto file says about the wire, one line for each thing that must agree: a field of a message, a value of an enum, a method of
 * a service. The key is its full name.
 */
export type WireFacts = ReadonlyMap<string, string>;

// FileDescriptorProto has the fields 1 to 14 (descriptor.proto).
const fieldNumberMax = 14;
const nameFieldNumber = 1;
const wireType = { varint: 0, bytes: 2 } as const;

/** The `FileDescriptorProto` of a proto file in the bytes of a program that was linked with it; undefined where there is none. */
export function findDescriptor(program: Buffer, file: string): FileDescriptor | undefined {
  const head = Buffer.concat([Buffer.from([(nameFieldNumber << 3) | wireType.bytes, file.length]), Buffer.from(file)]);
  for (let at = program.indexOf(head); at >= 0; at = program.indexOf(head, at + 1)) {
    const found = decodeDescriptor(program.subarray(at, endOfMessage(program, at)));
    if (found?.name === file) {
      return found;
    }
  }
  return undefined;
}

/** Where the message that starts here ends: before the first thing that is no field of it, or before the name of the next file. */
function endOfMessage(program: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const tag = readVarint(program, at);
    const number = tag.value >>> 3;
    const isNextName = number === nameFieldNumber && at !== start;
    const end = number < 1 || number > fieldNumberMax || isNextName ? undefined : endOfField(program, tag.end, tag.value & 7);
    if (end === undefined || end > program.length) {
      return at;
    }
    at = end;
  }
}

function endOfField(program: Buffer, start: number, type: number): number | undefined {
  if (type !== wireType.varint && type !== wireType.bytes) {
    return undefined;
  }
  const { value, end } = readVarint(program, start);
  return type === wireType.varint ? end : end + value;
}

const varintBytesMax = 10;

function readVarint(program: Buffer, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0; index < varintBytesMax; index += 1) {
    const byte = program[start + index] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) {
      return { value, end: start + index + 1 };
    }
  }
  return { value: Number.MAX_SAFE_INTEGER, end: start + varintBytesMax };
}

const fieldSchema = z.object({
  name: z.string(),
  number: z.int(),
  label: z.int(),
  type: z.int(),
  typeName: z.string().optional(),
  oneofIndex: z.int().optional(),
  options: z.object({ deprecated: z.boolean().optional() }).optional(),
});
const enumSchema = z.object({ name: z.string(), value: z.array(z.object({ name: z.string(), number: z.int().default(0) })) });
const messageSchema = z.object({
  name: z.string(),
  field: z.array(fieldSchema).default([]),
  get nestedType() {
    return z.array(messageSchema).default([]);
  },
  enumType: z.array(enumSchema).default([]),
  oneofDecl: z.array(z.object({ name: z.string() })).default([]),
  options: z.object({ mapEntry: z.boolean().optional() }).optional(),
});
const methodSchema = z.object({
  name: z.string(),
  inputType: z.string(),
  outputType: z.string(),
  clientStreaming: z.boolean().default(false),
  serverStreaming: z.boolean().default(false),
});
const fileSchema = z.object({
  name: z.string(),
  package: z.string(),
  syntax: z.literal('proto3'),
  messageType: z.array(messageSchema).default([]),
  enumType: z.array(enumSchema).default([]),
  service: z.array(z.object({ name: z.string(), method: z.array(methodSchema).default([]) })).default([]),
});

export type FileDescriptor = z.infer<typeof fileSchema>;
type MessageDescriptor = z.infer<typeof messageSchema>;
type FieldDescriptor = z.infer<typeof fieldSchema>;

function decodeDescriptor(bytes: Buffer): FileDescriptor | undefined {
  try {
    const { FileDescriptorProto } = descriptor;
    return fileSchema.safeParse(FileDescriptorProto.toObject(FileDescriptorProto.decode(bytes), { enums: Number })).data;
  } catch {
    return undefined;
  }
}

export function factsOfDescriptor(file: FileDescriptor): WireFacts {
  const scope = `.${file.package}`;
  return new Map([
    ...file.messageType.flatMap((message) => factsOfMessage(scope, message)),
    ...file.enumType.flatMap((each) => factsOfEnum(scope, each)),
    ...file.service.flatMap(({ name, method }) =>
      method.map((each): Fact => [
        `${scope}.${name}.${each.name}`,
        `rpc (${stream(each.clientStreaming)}${each.inputType}) returns (${stream(each.serverStreaming)}${each.outputType})`,
      ]),
    ),
  ]);
}

type Fact = readonly [name: string, fact: string];

export const stream = (streams: boolean): string => (streams ? 'stream ' : '');

function factsOfMessage(scope: string, message: MessageDescriptor): readonly Fact[] {
  const name = `${scope}.${message.name}`;
  return [
    ...message.field.map((field): Fact => [`${name}.${field.name}`, factOfField(name, message, field)]),
    ...message.nestedType.filter((nested) => nested.options?.mapEntry !== true).flatMap((nested) => factsOfMessage(name, nested)),
    ...message.enumType.flatMap((each) => factsOfEnum(name, each)),
  ];
}

const factsOfEnum = (scope: string, { name, value }: z.infer<typeof enumSchema>): readonly Fact[] =>
  value.map((each): Fact => [`${scope}.${name}.${each.name}`, `= ${String(each.number)}`]);

function factOfField(scope: string, message: MessageDescriptor, field: FieldDescriptor): string {
  const entry = message.nestedType.find((nested) => nested.options?.mapEntry === true && `${scope}.${nested.name}` === field.typeName);
  const [key, value] = entry?.field ?? [];
  const type = key === undefined || value === undefined ? typeOf(field) : `map<${typeOf(key)}, ${typeOf(value)}>`;
  const label = entry === undefined && field.label === repeatedLabel ? 'repeated ' : '';
  const oneof = field.oneofIndex === undefined ? undefined : message.oneofDecl[field.oneofIndex]?.name;
  // The one-field oneof behind `optional` is called _name.
  return describeField({ number: field.number, type: label + type, oneof: oneof?.startsWith('_') === true ? undefined : oneof });
}

export const describeField = (field: { readonly number: number; readonly type: string; readonly oneof: string | undefined }): string =>
  `${field.type} = ${String(field.number)}${field.oneof === undefined ? '' : ` in oneof ${field.oneof}`}`;

const repeatedLabel = 3;

// FieldDescriptorProto.Type; messages and enums say their own names.
const scalarTypes: ReadonlyMap<number, string> = new Map([
  [1, 'double'],
  [2, 'float'],
  [3, 'int64'],
  [4, 'uint64'],
  [5, 'int32'],
  [6, 'fixed64'],
  [7, 'fixed32'],
  [8, 'bool'],
  [9, 'string'],
  [12, 'bytes'],
  [13, 'uint32'],
  [15, 'sfixed32'],
  [16, 'sfixed64'],
  [17, 'sint32'],
  [18, 'sint64'],
]);
const messageType = 11;

const typeOf = (field: FieldDescriptor): string =>
  scalarTypes.get(field.type) ?? `${field.type === messageType ? 'message' : 'enum'} ${field.typeName ?? '?'}`;

/** Full names of the fields that the descriptor marks as deprecated. */
export function deprecatedFields(file: FileDescriptor): readonly string[] {
  const inMessage = (scope: string, message: MessageDescriptor): readonly string[] => {
    const name = `${scope}.${message.name}`;
    return [
      ...message.field.filter((field) => field.options?.deprecated === true).map((field) => `${name}.${field.name}`),
      ...message.nestedType.flatMap((nested) => inMessage(name, nested)),
    ];
  };
  return file.messageType.flatMap((message) => inMessage(`.${file.package}`, message));
}
