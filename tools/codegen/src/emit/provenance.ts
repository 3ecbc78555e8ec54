import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Api } from "../api.ts";
import { sha256 } from "../banner.ts";
import type { ApiSchemas } from "../read/api-schemas.ts";

/** Where the schemas of an API come from, as a page next to them. */
export function provenance(root: string, { api, files }: ApiSchemas): string {
  const rows = files.map((file) => `| \`${file}\` | \`${sha256(readFileSync(join(root, file)))}\` |\n`);
  return [
    `# Where the ${api.name} schemas come from`,
    "",
    ...origin(api),
    "",
    "| Source | sha256 |",
    "| --- | --- |",
    rows.join(""),
  ].join("\n");
}

function origin({ name, source, protocol }: Api): readonly string[] {
  if (source.kind === "authored") {
    return [
      `They are authored: the TypeScript types of \`${source.package}\` are the source, and every file here but the fixtures is made`,
      "from them with `pnpm generate` (typescript-json-schema, then canonical order). Nothing generated is edited by hand.",
    ];
  }
  return [
    `They are imported: release ${protocol?.release} of Codex printed them, with what is experimental. The copy has no prose and no`,
    "titles, every type directly under `definitions`, and its members in canonical order; what a schema accepts is as it was. Only",
    `\`node tools/codegen/src/import.ts ${name} PROGRAM\` replaces it; \`openrpc.json\` is made from it with \`pnpm generate\`.`,
  ];
}
