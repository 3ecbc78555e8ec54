import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ImportedSource } from "../api.ts";
import { sha256 } from "../banner.ts";
import { canonicalImport, type ImportedDocument, type Published } from "./canonical-import.ts";

/** A document as a program printed it. */
interface Printed {
  /** How it was asked for it. */
  readonly command: string;
  readonly text: string;
}

/**
 * The schemas that a program of another project prints about itself, in canonical form, with where they come from.
 *
 * @throws Error when it prints none.
 */
export function printedSchemas(
  api: string,
  source: ImportedSource,
  release: string,
  program: string,
): ImportedDocument {
  const whole = printed(program, source, ["--experimental"]);
  const stable = printed(program, source, []);
  return canonicalImport({
    title: api,
    release,
    printedBy: source.package,
    sources: [whole, stable].map(({ command, text }) => ({ command, sha256: sha256(text) })),
    document: JSON.parse(whole.text) as Published,
    stable: JSON.parse(stable.text) as Published,
    nested: source.nested,
    unions: source.unions.map(({ type }) => type),
  });
}

function printed(program: string, { command, file }: ImportedSource, options: readonly string[]): Printed {
  const folder = mkdtempSync(join(tmpdir(), "schema-import-"));
  try {
    const args = [...command, ...options];
    const { status, stderr, error } = spawnSync(program, [...args, "--out", join(folder, "out")], {
      encoding: "utf8",
      // Its own settings stay untouched.
      env: { PATH: dirname(process.execPath), CODEX_HOME: folder },
    });
    if (status !== 0) throw new Error(`${program} printed no schemas: ${error?.message ?? stderr.trim()}`);
    return { command: args.join(" "), text: readFileSync(join(folder, "out", file), "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
