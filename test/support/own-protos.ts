import { readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import protobuf from 'protobufjs';
import { describeField, stream, type WireFacts } from './descriptors.ts';

const directory = resolve(import.meta.dirname, '../../protos');

/** Every proto file of ours, by the name under which others import it. */
export const ownProtoFiles = (): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith('.proto'))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .toSorted();

/** What each of our files says about the wire; the well-known types that protobufjs brings along are under their own file names. */
export function ownFacts(): ReadonlyMap<string, WireFacts> {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => (target.startsWith('google/protobuf/') ? target : join(directory, target));
  root.loadSync([...ownProtoFiles()], { keepCase: true }).resolveAll();
  const byFile = new Map<string, Map<string, string>>();
  for (const [file, name, fact] of walk(root)) {
    const key = file.startsWith(directory) ? relative(directory, file) : file;
    const facts = byFile.get(key) ?? new Map<string, string>();
    byFile.set(key, facts.set(name, fact));
  }
  return byFile;
}

type Found = readonly [file: string, name: string, fact: string];

function* walk(scope: protobuf.NamespaceBase): Generator<Found> {
  for (const each of scope.nestedArray) {
    const file = each.filename ?? wellKnownFile(each.fullName);
    if (each instanceof protobuf.Type) {
      for (const field of each.fieldsArray) {
        yield [file, `${each.fullName}.${snakeCase(field.name)}`, factOf(field)];
      }
    }
    if (each instanceof protobuf.Enum) {
      for (const [value, number] of Object.entries(each.values)) {
        yield [file, `${each.fullName}.${value}`, `= ${String(number)}`];
      }
    }
    if (each instanceof protobuf.Service) {
      for (const method of each.methodsArray) {
        yield [file, `${each.fullName}.${method.name}`, factOfMethod(method)];
      }
    }
    if (each instanceof protobuf.Namespace) {
      yield* walk(each);
    }
  }
}

/** protobufjs has these compiled in, and knows no file of theirs. */
const wellKnownFile = (name: string): string =>
  name === '.google.protobuf.Any' ? 'google/protobuf/any.proto' : 'google/protobuf/struct.proto';

// The compiled-in ones are camel-cased, ours are as they are written.
const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function factOf(field: protobuf.Field): string {
  const value = typeName(field.type, field.resolvedType);
  const type = field instanceof protobuf.MapField ? `map<${field.keyType}, ${value}>` : `${field.repeated ? 'repeated ' : ''}${value}`;
  return describeField({ number: field.id, type, oneof: field.partOf?.name });
}

function factOfMethod(method: protobuf.Method): string {
  const request = `${stream(method.requestStream === true)}${method.resolvedRequestType?.fullName ?? '?'}`;
  return `rpc (${request}) returns (${stream(method.responseStream === true)}${method.resolvedResponseType?.fullName ?? '?'})`;
}

function typeName(type: string, resolved: protobuf.Type | protobuf.Enum | null): string {
  if (resolved === null) {
    return type;
  }
  return `${resolved instanceof protobuf.Enum ? 'enum' : 'message'} ${resolved.fullName}`;
}
