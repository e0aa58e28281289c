import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import type { ChannelCredentials, ChannelOptions } from "@grpc/grpc-js";
import { BackupError } from "../core/errors.ts";

/** Files are PEM. An empty object is TLS with the system's authorities. */
export interface TlsOptions {
  /** The authorities that the server's certificate is checked against; the system's where absent. */
  readonly ca?: string | undefined;
  /** This client's certificate and key, both or none: mutual TLS. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name in the server's certificate, where it is not the address's. */
  readonly serverName?: string | undefined;
  /** Take any certificate: protects from nobody who can answer at the address. */
  readonly skipVerify?: boolean | undefined;
}

export type MilvusAuth = { readonly username: string; readonly password: string } | { readonly token: string };

/** The value of the authorization header. */
export function authorizationOf(auth: MilvusAuth): string {
  const secret = "token" in auth ? auth.token : `${auth.username}:${auth.password}`;
  return Buffer.from(secret).toString("base64");
}

export async function channelCredentials(tls: TlsOptions | undefined): Promise<ChannelCredentials> {
  const { credentials } = await import("@grpc/grpc-js");
  if (tls === undefined) return credentials.createInsecure();
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new BackupError("invalid", "Mutual TLS with Milvus needs both a certificate and a key");
  }
  const [ca, key, cert] = await Promise.all([tls.ca, tls.key, tls.cert].map(readPem));
  const verify = tls.skipVerify === true ? { rejectUnauthorized: false } : {};
  try {
    return credentials.createSsl(ca, key, cert, verify);
  } catch (error) {
    throw new BackupError("invalid", "Cannot use the TLS files for Milvus: they are not valid PEM", { cause: error });
  }
}

export function tlsChannelOptions(tls: TlsOptions | undefined): ChannelOptions {
  const name = tls?.serverName;
  return name === undefined ? {} : { "grpc.ssl_target_name_override": name, "grpc.default_authority": name };
}

async function readPem(path: string | undefined): Promise<Buffer | null> {
  if (path === undefined) return null;
  try {
    return await readFile(path);
  } catch (error) {
    throw new BackupError("invalid", `Cannot read the TLS file "${path}" for Milvus`, { cause: error });
  }
}
