import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../banner.ts";
import type { ApiSchemas } from "../read/api-schemas.ts";

/** Where the schemas of an API come from, as a page next to them. */
export function provenance(root: string, { api, files }: ApiSchemas): string {
  const owner = api.source.kind === "authored" ? api.source.package : api.name;
  const rows = files.map((file) => `| \`${file}\` | \`${sha256(readFileSync(join(root, file)))}\` |\n`);
  return [
    `# Where the ${api.name} schemas come from`,
    "",
    `They are authored: the TypeScript types of \`${owner}\` are the source, and every file here is made from them with`,
    "`pnpm generate` (typescript-json-schema, then canonical order). Nothing here is edited by hand.",
    "",
    "| Source | sha256 |",
    "| --- | --- |",
    rows.join(""),
  ].join("\n");
}
