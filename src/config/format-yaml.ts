import { Document, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { isSecretAt } from "./find-secrets.ts";
import { isMap } from "./plain-data.ts";
import type { KeyPath } from "./problem.ts";

/** What is said behind a value; undefined for nothing. */
export type Comment = (path: KeyPath) => string | undefined;

/** For editors, by the schema of the package where it is installed beside the config. */
export function schemaLine(name: "config" | "policy"): string {
  const up = name === "policy" ? "../" : "./"; // policies are in a folder of their own
  return `# yaml-language-server: $schema=${up}node_modules/milvus-backup/schema/${name}.schema.json\n`;
}

/** Plain data as YAML, a value a line. */
export function formatYaml(data: unknown, comment: Comment = () => undefined): string {
  const document = new Document();
  document.contents = toNode(data, [], comment);
  return document.toString({ lineWidth: 0 });
}

function toNode(value: unknown, path: KeyPath, comment: Comment): Node {
  if (Array.isArray(value) && value.length > 0) {
    const list = new YAMLSeq();
    list.items = value.map((item, index) => toNode(item, [...path, index], comment));
    return list;
  }
  const entries = isMap(value) ? Object.entries(value) : [];
  if (entries.length > 0 && !isSecretAt(path, value)) {
    const map = new YAMLMap();
    map.items = entries.map(([key, item]) => new Pair(new Scalar(key), toNode(item, [...path, key], comment)));
    return map;
  }
  return toLine(value, comment(path));
}

/** A secret stays together: it is one value. */
function toLine(value: unknown, text: string | undefined): Node {
  const node: Node = new Document(value).createNode(value, { flow: true });
  if (text !== undefined) node.comment = ` ${text}`;
  return node;
}
