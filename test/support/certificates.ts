import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { makeTempDir, type TempDir } from './temp-dir.ts';

const run = promisify(execFile);
const validDays = '2';

/** A certificate with its key, as PEM text and as files. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
  readonly certPath: string;
  readonly keyPath: string;
}

export interface Certificates {
  readonly directory: string;
  /** Signs everything below but what is named `stranger`. */
  readonly ca: KeyPair;
  /** For localhost and 127.0.0.1. */
  readonly server: KeyPair;
  /** Signed by the CA, for a host that is not here: verification of the name must fail. */
  readonly serverElsewhere: KeyPair;
  /** URI SAN `spiffe://example/ns/billing/sa/app`. */
  readonly clientSpiffe: KeyPair;
  /** DNS SAN `app.billing.example`. */
  readonly clientDns: KeyPair;
  /** Signed by the CA, no name that anybody maps to a caller. */
  readonly clientUnknown: KeyPair;
  /** Signed by the CA, only a subject (`CN=client-nameless`) and no alternative name. */
  readonly clientNameless: KeyPair;
  /** Another CA, which nobody here trusts. */
  readonly strangerCa: KeyPair;
  /** As `server`, but signed by the stranger. */
  readonly strangerServer: KeyPair;
  /** As `clientSpiffe`, but signed by the stranger. */
  readonly strangerClient: KeyPair;
}

export const SPIFFE_ID = 'spiffe://example/ns/billing/sa/app';
export const CLIENT_DNS_NAME = 'app.billing.example';

let made: Promise<Certificates> | undefined;

/** Made by the `openssl` program once per process; the files are gone when the process is. */
export function makeCertificates(): Promise<Certificates> {
  made ??= make(makeTempDir());
  return made;
}

async function make(directory: TempDir): Promise<Certificates> {
  const [ca, strangerCa] = await Promise.all([makeCa(directory, 'ca'), makeCa(directory, 'stranger-ca')]);
  const here = 'DNS:localhost,IP:127.0.0.1';
  const issue = (name: string, usage: string, san: string, by: KeyPair): Promise<KeyPair> => makeLeaf(directory, { name, usage, san, by });
  const [server, serverElsewhere, strangerServer, clientSpiffe, clientDns, clientUnknown, clientNameless, strangerClient] =
    await Promise.all([
      issue('server', 'serverAuth', here, ca),
      issue('server-elsewhere', 'serverAuth', 'DNS:elsewhere.example', ca),
      issue('stranger-server', 'serverAuth', here, strangerCa),
      issue('client-spiffe', 'clientAuth', `URI:${SPIFFE_ID}`, ca),
      issue('client-dns', 'clientAuth', `DNS:${CLIENT_DNS_NAME}`, ca),
      issue('client-unknown', 'clientAuth', 'URI:spiffe://example/ns/unknown/sa/nobody', ca),
      issue('client-nameless', 'clientAuth', '', ca),
      issue('stranger-client', 'clientAuth', `URI:${SPIFFE_ID}`, strangerCa),
    ]);
  return {
    directory: directory.path,
    ca,
    strangerCa,
    server,
    serverElsewhere,
    strangerServer,
    clientSpiffe,
    clientDns,
    clientUnknown,
    clientNameless,
    strangerClient,
  };
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const;

async function makeCa(directory: TempDir, name: string): Promise<KeyPair> {
  const { certPath, keyPath } = paths(directory, name);
  const config = directory.file(`${name}.cnf`);
  writeFileSync(
    config,
    `[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n`,
  );
  await openssl(['req', '-x509', ...newKey], {
    keyout: keyPath,
    out: certPath,
    days: validDays,
    subj: `/CN=${name}`,
    config,
    extensions: 'ca',
  });
  return read(certPath, keyPath);
}

async function makeLeaf(
  directory: TempDir,
  leaf: { readonly name: string; readonly usage: string; readonly san: string; readonly by: KeyPair },
): Promise<KeyPair> {
  const { certPath, keyPath } = paths(directory, leaf.name);
  const requestPath = directory.file(`${leaf.name}.csr`);
  const config = directory.file(`${leaf.name}.cnf`);
  writeFileSync(
    config,
    `[req]\ndistinguished_name=dn\n[dn]\n[leaf]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=${leaf.usage}\n${leaf.san === '' ? '' : `subjectAltName=${leaf.san}\n`}`,
  );
  await openssl(['req', '-new', ...newKey], { keyout: keyPath, out: requestPath, subj: `/CN=${leaf.name}`, config });
  await openssl(['x509', '-req'], {
    in: requestPath,
    out: certPath,
    days: validDays,
    CA: leaf.by.certPath,
    CAkey: leaf.by.keyPath,
    // Several are signed at once, so no shared serial file.
    set_serial: `0x${crypto.randomUUID().replaceAll('-', '').slice(1)}`,
    extfile: config,
    extensions: 'leaf',
  });
  return read(certPath, keyPath);
}

function paths(directory: TempDir, name: string): { readonly certPath: string; readonly keyPath: string } {
  return { certPath: directory.file(`${name}.crt`), keyPath: directory.file(`${name}.key`) };
}

function read(certPath: string, keyPath: string): KeyPair {
  return { certPath, keyPath, cert: readFileSync(certPath, 'utf8'), key: readFileSync(keyPath, 'utf8') };
}

async function openssl(command: readonly string[], options: Readonly<Record<string, string>>): Promise<void> {
  const args = [...command, ...Object.entries(options).flatMap(([name, value]) => [`-${name}`, value])];
  await run('openssl', args).catch((error: unknown) => {
    throw new Error('openssl did not make a certificate; is the openssl program (3.0 or newer) installed?', { cause: error });
  });
}
