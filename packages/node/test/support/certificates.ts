import "reflect-metadata";
import { webcrypto as crypto, type webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

type KeyPair = webcrypto.CryptoKeyPair;

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;

/** A certificate authority of a test network. */
export interface Authority {
  readonly certificatePem: string;
  issue(options?: { readonly expired?: boolean }): Promise<IssuedCredentials>;
}

export interface IssuedCredentials {
  readonly certificate: string;
  readonly key: string;
}

export async function createAuthority(name = "test authority"): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${name}`,
    ...validity(false),
    signingAlgorithm: EC,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  let serial = 1;
  return {
    certificatePem: certificate.toString("pem"),
    async issue({ expired = false } = {}) {
      const own = await generateKeys();
      serial += 1;
      const issued = await x509.X509CertificateGenerator.create({
        serialNumber: serial.toString(16).padStart(4, "0"),
        subject: `CN=validator ${serial}`,
        issuer: certificate.subject,
        ...validity(expired),
        signingAlgorithm: EC,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
      });
      return { certificate: issued.toString("pem"), key: await privateKeyPem(own) };
    },
  };
}

/** A certificate that vouches for itself. */
export async function selfSigned(): Promise<IssuedCredentials> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=nobody",
    ...validity(false),
    signingAlgorithm: EC,
    keys,
  });
  return { certificate: certificate.toString("pem"), key: await privateKeyPem(keys) };
}

function validity(expired: boolean): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return {
    notBefore: new Date(now - 10 * DAY_MS),
    notAfter: new Date(now + (expired ? -1 : 365) * DAY_MS),
  };
}

function generateKeys(): Promise<KeyPair> {
  return crypto.subtle.generateKey(EC, true, ["sign", "verify"]) as Promise<KeyPair>;
}

async function privateKeyPem(keys: KeyPair): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  const lines = der.toString("base64").replace(/(.{64})/g, "$1\n");
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}
