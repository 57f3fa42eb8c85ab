import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const validDays = 30;

/** A self-signed certificate for localhost; its public half is what clients are told to trust. */
export async function makeDemoCertificate(directory: string): Promise<{ readonly pem: string; readonly trust: string }> {
  const [key, trust, pem] = [join(directory, 'edge-key.pem'), join(directory, 'trust.pem'), join(directory, 'tls.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  try {
    await run('openssl', ['req', '-x509', ...curve, '-days', String(validDays), ...subject, '-keyout', key, '-out', trust]);
  } catch (error) {
    throw new Error('the demo needs the program openssl for its certificate: install it (Debian: apt-get install openssl)', {
      cause: error,
    });
  }
  writeFileSync(pem, readFileSync(trust, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 });
  return { pem, trust };
}
