import { BackupError } from "../core/errors.ts";

export interface MilvusAddress {
  readonly host: string;
  readonly port: number;
  /** Whether the address itself asks for TLS: https://. */
  readonly tls: boolean;
}

/** Host in brackets (IPv6) or not, port. */
const FORM = /^(?<scheme>https?:\/\/)?(?:\[(?<ipv6>[0-9a-f:.]+)\]|(?<name>[^:@/[\]\s]+))(?::(?<port>\d{1,5}))?\/?$/i;

/** Reads "host", "host:port", "[::1]:port", each also after http:// or https://. The port is 19530 or, for https, 443. */
export function parseAddress(text: string): MilvusAddress {
  const { scheme, ipv6, name = ipv6, port } = FORM.exec(text.trim())?.groups ?? {};
  const tls = scheme?.toLowerCase() === "https://";
  const number = Number(port ?? (tls ? 443 : 19_530));
  if (name === undefined || number < 1 || number > 65_535) throw invalid();
  return { host: name, port: number, tls };
}

/** As gRPC and people write it: "host:port", with brackets around an IPv6 address. */
export function formatAddress({ host, port }: MilvusAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Without the text itself, which may hold a password. */
function invalid(): BackupError {
  return new BackupError("invalid", "The Milvus address is not of the form host:port or https://host:port", {
    hint: 'For example "localhost:19530"; user and password go under "auth"',
  });
}
