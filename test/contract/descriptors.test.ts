import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deprecatedFields, factsOfDescriptor, findDescriptor, type FileDescriptor } from '../support/descriptors.ts';
import { findEnvoy } from '../support/envoy.ts';
import { ownFacts, ownProtoFiles } from '../support/own-protos.ts';

/** Names under which Envoy links a file, where they differ from ours. */
const ENVOY_NAMES: ReadonlyMap<string, string> = new Map([['grpc/health/v1/health.proto', 'src/proto/grpc/health/v1/health.proto']]);

const WELL_KNOWN = ['google/protobuf/any.proto', 'google/protobuf/struct.proto'];

describe('our protos and those that Envoy was built with', () => {
  const program = readFileSync(findEnvoy());
  const own = ownFacts();
  const files = [...ownProtoFiles(), ...WELL_KNOWN];
  const embedded = new Map<string, FileDescriptor | undefined>(
    files.map((file) => [file, findDescriptor(program, ENVOY_NAMES.get(file) ?? file)]),
  );

  it('are compared file by file, none left out', () => {
    expect(files.filter((file) => embedded.get(file) === undefined)).toEqual([]);
    expect(files.length).toBeGreaterThan(10);
    expect([...own.keys()].toSorted()).toEqual(files.toSorted());
  });

  it.each(files)('say the same about every field, value and method: %s', (file) => {
    const descriptor = embedded.get(file);
    const theirs = descriptor === undefined ? new Map<string, string>() : factsOfDescriptor(descriptor);
    const ours = own.get(file) ?? new Map<string, string>();
    expect(ours.size).toBeGreaterThan(0);
    const known = new Map([...ours.keys()].map((name) => [name, theirs.get(name) ?? 'not known to Envoy']));
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(known));
  });

  it('use nothing that Envoy calls deprecated', () => {
    const deprecated = new Set([...embedded.values()].flatMap((file) => (file === undefined ? [] : deprecatedFields(file))));
    expect(deprecated.size).toBeGreaterThan(0);
    expect([...own.values()].flatMap((facts) => [...facts.keys()]).filter((name) => deprecated.has(name))).toEqual([]);
  });

  it('a difference would be seen', () => {
    const descriptor = embedded.get('envoy/service/ext_proc/v3/external_processor.proto');
    const facts = descriptor === undefined ? new Map<string, string>() : factsOfDescriptor(descriptor);
    expect(facts.get('.envoy.service.ext_proc.v3.ProcessingRequest.request_headers')).toBe(
      'message .envoy.service.ext_proc.v3.HttpHeaders = 2 in oneof request',
    );
    expect(facts.get('.envoy.service.ext_proc.v3.ProcessingRequest.attributes')).toBe('map<string, message .google.protobuf.Struct> = 9');
    expect(facts.get('.envoy.service.ext_proc.v3.ExternalProcessor.Process')).toBe(
      'rpc (stream .envoy.service.ext_proc.v3.ProcessingRequest) returns (stream .envoy.service.ext_proc.v3.ProcessingResponse)',
    );
    expect(facts.has('.envoy.service.ext_proc.v3.ProcessingRequest.requestHeaders')).toBe(false);
  });
});
