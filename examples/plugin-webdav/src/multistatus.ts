import type { ObjectInfo } from "milvus-backup/plugin";

/** A file or a folder of the server. */
export type Entry =
  | { readonly kind: "object"; readonly key: string; readonly info: ObjectInfo }
  | { readonly kind: "folder"; readonly key: string };

/** The entries of a PROPFIND's answer; keys are below the base, which ends in "/". Servers choose the prefix of `DAV:`. */
export function parseMultistatus(xml: string, base: string): readonly Entry[] {
  return elements(xml, "response").flatMap((response) => {
    const [href = ""] = elements(response, "href");
    const path = decodeURIComponent(new URL(decodeEntities(href), "http://base").pathname);
    const decodedBase = decodeURIComponent(base);
    if (!`${path}/`.startsWith(decodedBase)) return [];
    const key = path.slice(decodedBase.length).replace(/\/$/, "");
    const isFolder = /<(?:\w+:)?collection\b/.test(response);
    return [
      isFolder ? { kind: "folder" as const, key } : { kind: "object" as const, key, info: infoOf(key, response) },
    ];
  });
}

function infoOf(key: string, response: string): ObjectInfo {
  const [length = "0"] = elements(response, "getcontentlength");
  const [etag] = elements(response, "getetag");
  const [modified] = elements(response, "getlastmodified");
  return {
    key,
    bytes: Number(length),
    ...(etag !== undefined && { etag: decodeEntities(etag).replaceAll(/^W\/|"/g, "") }),
    ...(modified !== undefined && { modifiedAt: new Date(modified) }),
  };
}

/** What is in the elements of that name; none of those that are asked for holds one of its own name. */
function elements(xml: string, name: string): readonly string[] {
  const pattern = new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([\\s\\S]*?)</(?:\\w+:)?${name}\\s*>`, "g");
  return Array.from(xml.matchAll(pattern), ([, content = ""]) => content.trim());
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

function decodeEntities(text: string): string {
  return text.replaceAll(/&(#?\w+);/g, (whole, name: string) => {
    const [, decimal, hex] = /^#(?:(\d+)|x([\da-f]+))$/i.exec(name) ?? [];
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return ENTITIES.get(name) ?? whole;
  });
}
