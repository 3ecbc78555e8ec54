import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ensureRelease, ReleaseUnavailableError } from "@holdfast/reference-peer";
import type { ImportedRelease, ImportedSource } from "./api.ts";
import { APIS } from "./apis/index.ts";
import { canonicalJson } from "./canonical-json.ts";
import { printedSchemas } from "./read/printed-schemas.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const IMPORTED = APIS.flatMap(({ name, source }) => (source.kind === "imported" ? [{ name, source }] : []));
const USAGE = `usage: pnpm generate:import ${IMPORTED.map(({ name }) => name).join("|")} [--release RELEASE]... [--check]`;

/** What the arguments ask for. */
interface Choice {
  readonly api: string;
  readonly source: ImportedSource;
  readonly releases: readonly ImportedRelease[];
  /** Compare, and write nothing. */
  readonly check: boolean;
}

/**
 * Replace the copies of an imported API by what the installed releases print, or compare them with it. The only step that may
 * need a network, which is to install a release; everything else starts from the copies.
 */
async function main(args: readonly string[]): Promise<number> {
  const choice = chosen(args);
  if (typeof choice === "string") {
    console.error(`${choice}\n${USAGE}`);
    return 2;
  }
  let stale = 0;
  for (const { release, document } of choice.releases) {
    const { program } = await ensureRelease(release, (version) => console.error(`installing release ${version}`));
    const printed = canonicalJson(printedSchemas(choice.api, choice.source, release, program));
    const path = join(root, document);
    const isSame = existsSync(path) && readFileSync(path, "utf8") === printed;
    console.log(`${document}: ${isSame ? "is" : choice.check ? "is not" : "was not"} what release ${release} prints`);
    if (isSame) continue;
    if (choice.check) {
      stale += 1;
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, printed);
  }
  if (stale > 0) console.error("run `pnpm generate:import`, and look at what has changed");
  return stale === 0 ? 0 : 1;
}

/** A text says what is wrong with the arguments. */
function chosen(args: readonly string[]): Choice | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { release: { type: "string", multiple: true }, check: { type: "boolean", default: false } },
    });
    const [name, ...more] = positionals;
    const api = IMPORTED.find((candidate) => candidate.name === name);
    if (api === undefined || more.length > 0) return "name one imported API";
    const { releases } = api.source;
    const unknown = values.release?.find((wanted) => !releases.some(({ release }) => release === wanted));
    if (unknown !== undefined) {
      return `release ${unknown} is none of ${releases.map(({ release }) => release).join(", ")}; add it to the description of ${api.name} first`;
    }
    return {
      api: api.name,
      source: api.source,
      releases: releases.filter(({ release }) => values.release?.includes(release) ?? true),
      check: values.check,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ReleaseUnavailableError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
