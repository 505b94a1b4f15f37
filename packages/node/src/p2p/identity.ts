import { createHash, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions, type TLSSocket } from "node:tls";
import { errorMessage, type Hex, invalidInput } from "@sheaf/base";
import type { Address, Genesis } from "@sheaf/protocol";

/** A validator's TLS credentials, PEM. */
export interface TlsCredentials {
  readonly certificate: string;
  readonly key: string;
}

/** Who a TLS key belongs to, and the proof of who this validator is. */
export interface Identity {
  readonly address: Address;
  /** Certificate, key and the one trusted authority [WIRE.5]. */
  readonly tls: SecureContextOptions;
  /** The validator, other than this one, that genesis pins the certificate's key to [WIRE.6]. */
  ownerOf(certificate: X509Certificate): Address | undefined;
}

/** SHA-256 of a certificate's public key (SubjectPublicKeyInfo, DER): `tlsKeyHash` of genesis. */
export function tlsKeyHash(certificate: X509Certificate): Hex {
  const key = certificate.publicKey.export({ type: "spki", format: "der" });
  return `0x${createHash("sha256").update(key).digest("hex")}`;
}

/** Reads the credentials of `address`. Raises `INVALID_INPUT` when they are not those that genesis names. */
export function createIdentity(genesis: Genesis, address: Address, credentials: TlsCredentials): Identity {
  const owners = new Map(genesis.validators.map((each) => [each.tlsKeyHash, each.address]));
  if (owners.get(keyHashOf(credentials.certificate)) !== address) {
    throw invalidInput(
      "tls.certificateFile",
      `is not the certificate that genesis names for ${address}`,
      "use the key files that were made with this genesis",
    );
  }
  return {
    address,
    tls: tlsOptions(genesis, credentials),
    ownerOf(certificate) {
      const owner = owners.get(tlsKeyHash(certificate));
      return owner === address ? undefined : owner;
    },
  };
}

/** The pinned validator at the other end of a finished handshake, or `undefined`. */
export function peerOf(socket: TLSSocket, identity: Identity): Address | undefined {
  if (!socket.authorized || socket.getProtocol() !== "TLSv1.3") return undefined;
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : identity.ownerOf(certificate);
}

function keyHashOf(certificate: string): Hex {
  try {
    return tlsKeyHash(new X509Certificate(certificate));
  } catch (error) {
    throw invalidInput("tls.certificateFile", errorMessage(error));
  }
}

function tlsOptions(genesis: Genesis, credentials: TlsCredentials): SecureContextOptions {
  const options: SecureContextOptions = {
    cert: credentials.certificate,
    key: credentials.key,
    ca: genesis.authorityCertificate,
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
  };
  try {
    createSecureContext(options);
    return options;
  } catch (error) {
    throw invalidInput("tls", errorMessage(error), "check the key file and genesis.authorityCertificate");
  }
}
