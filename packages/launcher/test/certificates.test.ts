import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { issueCertificates, type TlsIdentity } from "../src/identity/certificates.ts";
import { createKeySource } from "../src/identity/key-source.ts";

const NAMES = ["validator-0.a", "validator-1.a"];
const issue = (seed?: string) => issueCertificates("a", NAMES, createKeySource(seed), Date.now());

/** What the server sees of a client after a mutual TLS 1.3 handshake; an error when it refuses. */
async function handshake(
  authorityPem: string,
  server: TlsIdentity,
  client: TlsIdentity,
): Promise<{ protocol: string | null; peer: X509Certificate | undefined }> {
  const listener = createServer({
    cert: server.certificatePem,
    key: server.keyPem,
    ca: authorityPem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.3",
  });
  onTestFinished(() => void listener.close());
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const socket = connect({
    port: (listener.address() as AddressInfo).port,
    host: "127.0.0.1",
    cert: client.certificatePem,
    key: client.keyPem,
    ca: authorityPem,
    checkServerIdentity: () => undefined,
  });
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  return new Promise((resolve, reject) => {
    listener.once("tlsClientError", reject);
    listener.once("secureConnection", (accepted: TLSSocket) => {
      resolve({ protocol: accepted.getProtocol(), peer: accepted.getPeerX509Certificate() });
      accepted.destroy();
    });
  });
}

test("two validators of a chain shake hands over TLS 1.3, each pinned by its key's hash", async () => {
  const { authorityPem, identities } = await issue();
  const [server, client] = identities as [TlsIdentity, TlsIdentity];
  const { protocol, peer } = await handshake(authorityPem, server, client);
  expect(protocol).toBe("TLSv1.3");
  const key = peer?.publicKey.export({ type: "spki", format: "der" }) as Buffer;
  expect(`0x${createHash("sha256").update(key).digest("hex")}`).toBe(client.tlsKeyHash);
  expect(client.tlsKeyHash).not.toBe(server.tlsKeyHash);
});

test("a certificate of another authority is refused, even for the same key", async () => {
  const ours = await issue("seed");
  const theirs = await issue("seed");
  expect(theirs.identities[1]?.tlsKeyHash).toBe(ours.identities[1]?.tlsKeyHash);
  const stranger = (await issue()).identities[1] as TlsIdentity;
  await expect(handshake(ours.authorityPem, ours.identities[0] as TlsIdentity, stranger)).rejects.toThrow();
});

test("certificates are P-256, for both ends of a connection, and issued by the authority", async () => {
  const { authorityPem, identities } = await issue();
  const authority = new X509Certificate(authorityPem);
  expect(authority.ca).toBe(true);
  for (const [index, { certificatePem }] of identities.entries()) {
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.ca).toBe(false);
    expect(certificate.subject).toBe(`CN=${NAMES[index]}`);
    expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  }
});
