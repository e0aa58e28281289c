/** A project that has the package installed: its own compiler sees the types that the package gives. */
import { execFile } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createConfigFolder } from "../support/config-folder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const CONFIG = `import { defineConfig } from "milvus-backup";
export default defineConfig({
  version: 1,
  sources: { prod: { address: "localhost:19530", storage: "data" } },
  storages: { data: { type: "local", path: "/data" }, nas: { type: "local", path: "/nas" } },
});
`;
const policyOf = (source: string, storage: string): string => `import { definePolicy } from "milvus-backup";
import type config from "../milvus-backup.config.ts";
export default definePolicy<typeof config>({ source: "${source}", targets: [{ storage: "${storage}" }] });
`;

/** What the compiler says of a project with these files. */
async function compile(files: Readonly<Record<string, string>>): Promise<string> {
  const compilerOptions = {
    module: "nodenext",
    target: "es2023",
    lib: ["es2023", "dom"],
    types: [],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    customConditions: ["source"], // there is no build yet
    skipLibCheck: true,
  };
  await using folder = await createConfigFolder({
    "tsconfig.json": { compilerOptions, include: ["*.ts", "policies"] },
    "package.json": { type: "module" },
    ...files,
  });
  await mkdir(join(folder.path, "node_modules"));
  await symlink(root, join(folder.path, "node_modules/milvus-backup"), "dir");
  const tsc = join(root, "node_modules/.bin/tsc");
  return await new Promise((resolve) => execFile(tsc, { cwd: folder.path }, (_, stdout) => resolve(stdout)));
}

it("a policy with the config's names compiles, and others are told with file and line", async () => {
  const output = await compile({
    "milvus-backup.config.ts": CONFIG,
    "milvus-backup.config.prod.ts":
      'import type { ConfigPart } from "milvus-backup";\nexport default { storages: { nas: { path: null } } } satisfies ConfigPart;\n',
    "policies/good.ts": policyOf("prod", "nas"),
    "policies/source.ts": policyOf("prd", "nas"),
    "policies/storage.ts": policyOf("prod", "nsa"),
  });
  const [source, storage, ...others] = output.split("\n").filter((line) => /^\S/.test(line));
  expect([source, storage, others]).toEqual([
    `policies/source.ts(3,46): error TS2322: Type '"prd"' is not assignable to type '"prod"'.`,
    `policies/storage.ts(3,74): error TS2322: Type '"nsa"' is not assignable to type '"data" | "nas"'.`,
    [],
  ]);
}, 120_000);
