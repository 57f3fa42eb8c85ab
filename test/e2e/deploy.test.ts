import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSettings } from '../../src/config/load.ts';
import type { Settings } from '../../src/config/settings.ts';
import { renderStatic, renderWatched } from '../../src/envoy/render.ts';
import { makeCertificates } from '../support/certificates.ts';
import { findEnvoy } from '../support/envoy.ts';
import { startProcess } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

const root = resolve(import.meta.dirname, '../..');

/** The directories of the containers, as they are called here. */
const PLACES = { '/etc/sallyport/tls': 'tls', '/run/secrets/sallyport': 'secrets', '/run/sallyport': 'run', '/var/lib/sallyport': 'state' };

describe('the settings of deploy/', () => {
  let directory: TempDir;
  let settings: Settings;
  beforeAll(async () => {
    directory = makeTempDir();
    const { server } = await makeCertificates();
    // In a container stdout is a pipe; here it is a socket, which cannot be opened by its name.
    let text = readFileSync(resolve(root, 'deploy/settings/sallyport.yaml'), 'utf8').replace('edge:\n', 'edge:\n  accessLog: access.log\n');
    for (const [place, name] of Object.entries(PLACES)) {
      mkdirSync(directory.file(name));
      text = text.replaceAll(`${place}/`, `${directory.file(name)}/`);
    }
    writeFileSync(directory.file('tls/tls.pem'), server.cert + server.key);
    settings = parseSettings(text, directory.file('sallyport.yaml'));
  });
  afterAll(() => {
    directory.remove();
  });

  it.each([
    ['static', () => [renderStatic(settings)]],
    ['watched', () => renderWatched(settings, directory.file('watched'))],
  ])('become a %s configuration that Envoy accepts', async (kind, render) => {
    mkdirSync(directory.file(kind));
    for (const { name, text } of render()) {
      writeFileSync(directory.file(`${kind}/${name}`), text);
    }
    const args = [
      '--mode',
      'validate',
      '--disable-hot-restart',
      '--drain-time-s',
      '660',
      '--config-path',
      directory.file(`${kind}/envoy.yaml`),
    ];
    const envoy = await startProcess(findEnvoy(), args, { name: 'envoy' });
    expect(await envoy.exited, envoy.output()).toEqual({ code: 0, signal: null });
  });
});
