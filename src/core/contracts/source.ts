import type { Auth } from "./secret.ts";

export interface TlsConfig {
  /** A PEM file with the authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
  /** The PEM file of the client's certificate, for mutual TLS; with `key`. */
  readonly cert?: string | undefined;
  /** The PEM file of the client's key; with `cert`. */
  readonly key?: string | undefined;
  /** The name that the server's certificate bears, where it is not the address's. */
  readonly serverName?: string | undefined;
  /** Accept any certificate. */
  readonly skipVerify?: boolean | undefined;
}

export interface SourceConfig<StorageName extends string = string> {
  /** `host:port`, or a URL with http or https. */
  readonly address: string;
  /** How to log in. */
  readonly auth?: Auth | undefined;
  /** TLS is on when this is there, even empty. Paths are relative to the config's folder. */
  readonly tls?: TlsConfig | undefined;
  /** The storage where this Milvus keeps its segments. */
  readonly storage: StorageName;
  /** Where Milvus serves its metrics, `http://host:9091`, or that with an `auth`: for pauses of its garbage collection. */
  readonly management?: string | ManagementConfig | undefined;
}

/** Milvus's HTTP port for operators. */
export interface ManagementConfig {
  /** `http://host:9091`. */
  readonly url: string;
  /** How to log in where Milvus asks for it: the user root. */
  readonly auth?: Auth | undefined;
}

/** A source, resolved: TLS paths are absolute. */
export interface Source extends SourceConfig {
  readonly name: string;
}
