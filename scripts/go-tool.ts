/** Runs test/go-tool/witness.test.ts with the Go tool that MILVUS_BACKUP_GO_BIN names; exits with 75 without one. */
import process from "node:process";
import { execa } from "execa";

if (process.env["MILVUS_BACKUP_GO_BIN"]) {
  const { exitCode } = await execa("vitest", ["run", "--project", "go-tool"], {
    preferLocal: true,
    stdio: "inherit",
    reject: false,
  });
  process.exitCode = exitCode ?? 1;
} else {
  process.stderr.write(
    "Nothing is proved: MILVUS_BACKUP_GO_BIN names no program. Build zilliztech/milvus-backup v0.4.15 or v0.5.16 and give its path\n",
  );
  process.exitCode = 75;
}
