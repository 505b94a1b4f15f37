import "reflect-metadata";
import { webcrypto as crypto, type webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

type KeyPair = webcrypto.CryptoKeyPair;

const EC = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;

/** PEM texts. */
export interface Credentials {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of a test. */
export interface Authority {
  readonly ca: string;
  /** For a broker on the loopback interface, or for a client. */
  issue(name: string): Promise<Credentials>;
}

export async function createAuthority(name: string): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${name}`,
    ...validity(),
    signingAlgorithm: EC,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  let serial = 1;
  return {
    ca: certificate.toString("pem"),
    async issue(subject) {
      const own = await generateKeys();
      serial += 1;
      const issued = await x509.X509CertificateGenerator.create({
        serialNumber: serial.toString(16).padStart(4, "0"),
        subject: `CN=${subject}`,
        issuer: certificate.subject,
        ...validity(),
        signingAlgorithm: EC,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [new x509.SubjectAlternativeNameExtension([{ type: "ip", value: "127.0.0.1" }])],
      });
      return { cert: issued.toString("pem"), key: await privateKeyPem(own) };
    },
  };
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + 30 * DAY_MS) };
}

async function generateKeys(): Promise<KeyPair> {
  return crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
}

async function privateKeyPem(keys: KeyPair): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
}
