import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { APIS } from "./apis/index.ts";
import { canonicalJson } from "./canonical-json.ts";
import { canonicalImport } from "./read/canonical-import.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const USAGE =
  "usage: node tools/codegen/src/import.ts API PROGRAM: takes the schemas that the PROGRAM of another project prints";

/** Replace the copy of an imported API. The only step that is not offline; everything else starts from the copy. */
function main([name, program, ...more]: readonly string[]): number {
  const api = APIS.find((candidate) => candidate.name === name);
  if (program === undefined || more.length > 0 || api?.source.kind !== "imported" || api.protocol === null) {
    console.error(USAGE);
    return 2;
  }
  const { source, protocol } = api;
  const document = canonicalImport({
    title: api.name,
    release: protocol.release,
    document: published(program, ["--experimental"]),
    stable: published(program, []),
    nested: ["v2"],
    unions: source.unions.map(({ type }) => type),
  });
  writeFileSync(join(root, source.document), canonicalJson(document));
  return 0;
}

function published(program: string, options: readonly string[]): Readonly<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), "schema-import-"));
  try {
    const { status, stderr } = spawnSync(
      program,
      ["app-server", "generate-json-schema", ...options, "--out", join(folder, "out")],
      // Its own settings stay untouched.
      { encoding: "utf8", env: { PATH: dirname(process.execPath), CODEX_HOME: folder } },
    );
    if (status !== 0) throw new Error(`${program} printed no schemas: ${stderr.trim()}`);
    return JSON.parse(readFileSync(join(folder, "out/codex_app_server_protocol.schemas.json"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = main(process.argv.slice(2));
