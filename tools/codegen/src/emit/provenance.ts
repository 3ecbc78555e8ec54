import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Api } from "../api.ts";
import { sha256 } from "../banner.ts";
import type { ApiSchemas } from "../read/api-schemas.ts";

/** Where the schemas of an API come from, as a page next to them. */
export function provenance(root: string, { api, files }: ApiSchemas): string {
  return [`# Where the ${api.name} schemas come from`, "", ...origin(api), "", sourceTable(root, files)].join("\n");
}

/** The same for a document that was made of those of several releases. */
export function mergedProvenance(root: string, name: string, files: readonly string[]): string {
  return [
    `# Where the ${name} schemas come from`,
    "",
    `\`${name}.json\` is what all releases in the folders here are together, and what is on the wire and in none of their documents`,
    "(`unlisted.json`, written by hand, with where it was seen), with the names that members have in messages. The newest release is the shape: a member that one of the others lacks or does",
    "not require is optional, and what only an older one has stays. `pnpm generate` makes it, and `openrpc.json`, which says since when each",
    "method is there and until when.",
    "",
    sourceTable(root, files),
  ].join("\n");
}

function sourceTable(root: string, files: readonly string[]): string {
  const rows = files.map((file) => `| \`${file}\` | \`${sha256(readFileSync(join(root, file)))}\` |\n`);
  return ["| Source | sha256 |", "| --- | --- |", rows.join("")].join("\n");
}

function origin({ name, schemas, source }: Api): readonly string[] {
  if (source.kind === "authored") {
    return [
      `They are authored: the TypeScript types of \`${source.package}\` are the source, and every file here but the fixtures is made`,
      "from them with `pnpm generate` (typescript-json-schema, then canonical order). Nothing generated is edited by hand.",
    ];
  }
  const release = schemas.split("/").at(-1);
  return [
    `They are imported: release ${release} of \`${source.package}\` printed them, with what is experimental. The copy has no prose and no`,
    "titles, every type directly under `definitions`, and its members in canonical order; what a schema accepts is as it was. `x-source` says",
    "how the program was asked, with the sum of what it printed, `x-experimental` and `x-experimental-members` what it leaves out where it is not",
    `asked for what is experimental. Only \`pnpm generate:import ${name} --release ${release}\` replaces it; \`openrpc.json\` is made from it`,
    "with `pnpm generate`.",
  ];
}
