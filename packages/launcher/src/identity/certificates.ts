import "reflect-metadata";
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  webcrypto,
} from "node:crypto";
import * as x509 from "@peculiar/x509";
import { bytesToHex, type Hex } from "@sheaf/base";
import type { KeySource } from "./key-source.ts";

/** A validator's TLS identity. */
export interface TlsIdentity {
  readonly certificatePem: string;
  readonly keyPem: string;
  /** SHA-256 of the public key (SubjectPublicKeyInfo, DER), to which peers pin. */
  readonly tlsKeyHash: Hex;
}

export interface IssuedCertificates {
  readonly authorityPem: string;
  /** In the order of the names. */
  readonly identities: readonly TlsIdentity[];
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
const VALID_DAYS = 3_650;

/**
 * An authority of a chain's own, and a certificate from it for each name. The authority's private
 * key is forgotten on return: nothing can join the chain later in its name.
 */
export async function issueCertificates(
  authority: string,
  names: readonly string[],
  keys: KeySource,
  nowMs: number,
): Promise<IssuedCertificates> {
  const validity = { notBefore: new Date(nowMs - DAY_MS), notAfter: new Date(nowMs + VALID_DAYS * DAY_MS) };
  const authorityKey = p256Key(keys, `${authority}/authority`);
  const signing = await cryptoKeys(authorityKey);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${authority} authority`,
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys: signing,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(signing.publicKey),
    ],
  });
  const identities: TlsIdentity[] = [];
  for (const [index, name] of names.entries()) {
    const key = p256Key(keys, `${authority}/tls/${index}`);
    const { publicKey } = await cryptoKeys(key);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (index + 2).toString(16).padStart(2, "0"),
      subject: `CN=${name}`,
      issuer: root.subject,
      ...validity,
      signingAlgorithm: ALGORITHM,
      publicKey,
      signingKey: signing.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }]),
        await x509.AuthorityKeyIdentifierExtension.create(root),
      ],
    });
    identities.push({
      certificatePem: `${certificate.toString("pem")}\n`,
      keyPem: key.export({ type: "pkcs8", format: "pem" }) as string,
      tlsKeyHash: bytesToHex(createHash("sha256").update(publicKeyDer(key)).digest()),
    });
  }
  return { authorityPem: `${root.toString("pem")}\n`, identities };
}

/** A P-256 private key from a secret scalar. */
function p256Key(keys: KeySource, label: string): KeyObject {
  const curve = createECDH("prime256v1");
  const scalar = keys.secret(label, (bytes) => {
    try {
      curve.setPrivateKey(bytes);
      return true;
    } catch {
      return false;
    }
  });
  const point = curve.getPublicKey();
  const coordinate = (from: number): string => point.subarray(from, from + 32).toString("base64url");
  return createPrivateKey({
    format: "jwk",
    key: {
      kty: "EC",
      crv: "P-256",
      d: Buffer.from(scalar).toString("base64url"),
      x: coordinate(1),
      y: coordinate(33),
    },
  });
}

function publicKeyDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}

async function cryptoKeys(key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const { subtle } = webcrypto;
  const privateDer = key.export({ type: "pkcs8", format: "der" });
  return {
    privateKey: await subtle.importKey("pkcs8", privateDer, ALGORITHM, false, ["sign"]),
    publicKey: await subtle.importKey("spki", publicKeyDer(key), ALGORITHM, true, ["verify"]),
  };
}
