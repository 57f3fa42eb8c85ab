import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** Makes `fetch` and the SDKs of this process trust a certificate (PEM) beside what they trust already; for connections opened from now on. */
export function trustCertificate(pem: string): void {
  setDefaultCACertificates([...getCACertificates('default'), pem]);
}
