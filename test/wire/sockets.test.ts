import { renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { openGrpcServer } from '../../src/wire/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const messageBytesMax = 1_024;

it('a socket is for its owner and its group, from the start', async () => {
  using directory = makeTempDir();
  const path = directory.file('grpc.sock');
  const server = await openGrpcServer({ kind: 'unix', path }, [], messageBytesMax);
  expect((statSync(path).mode & 0o777).toString(8)).toBe('660');
  await server.drain(0);
});

it('a socket that a killed process left is replaced', async () => {
  using directory = makeTempDir();
  const path = directory.file('grpc.sock');
  const left = createServer().listen(path);
  await new Promise((resolve) => left.once('listening', resolve));
  // What a kill leaves: the file, and nobody behind it. Node removes the file when it closes a server, so it is put aside first.
  renameSync(path, `${path}.kept`);
  await new Promise((resolve) => left.close(resolve));
  renameSync(`${path}.kept`, path);
  const server = await openGrpcServer({ kind: 'unix', path }, [], messageBytesMax);
  await server.drain(0);
});

it('a socket that another process serves is left to it', async () => {
  using directory = makeTempDir();
  const path = directory.file('grpc.sock');
  const first = await openGrpcServer({ kind: 'unix', path }, [], messageBytesMax);
  await expect(openGrpcServer({ kind: 'unix', path }, [], messageBytesMax)).rejects.toThrow('another process serves it');
  expect(statSync(path).isSocket()).toBe(true);
  await first.drain(0);
});
