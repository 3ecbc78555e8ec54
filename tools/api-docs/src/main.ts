// The API reference: `pnpm run docs` writes it to docs/api, as pages to be served or opened; `--check` only looks for what it would have to leave out.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, LogLevel, OptionDefaults } from "typedoc";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, string | { readonly types?: string }>>;
}

/** What comments of wire types tell the generator of their schemas. */
const SCHEMA_TAGS = ["@format", "@pattern", "@minimum", "@maximum", "@contentEncoding", "@TJS-type"] as const;

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The source of every entry that a published library has. */
function entryPoints(): string[] {
  return readdirSync(join(root, "packages")).flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8")) as Manifest;
    if (manifest.private || manifest.name === "holdfast") return [];
    return Object.values(manifest.exports).flatMap((entry) => {
      const types = typeof entry === "string" ? undefined : entry.types;
      if (types === undefined) return [];
      return [join(root, "packages", folder, types.replace(/^\.\/dist\//, "src/").replace(/\.d\.ts$/, ".ts"))];
    });
  });
}

const app = await Application.bootstrap({
  name: "Holdfast",
  entryPoints: entryPoints(),
  tsconfig: join(root, "tools/api-docs/tsconfig.sources.json"),
  // TypeScript 7 checks the sources; the one that typedoc brings only reads them.
  skipErrorChecking: true,
  out: join(root, "docs/api"),
  readme: "none",
  blockTags: [...OptionDefaults.blockTags, ...SCHEMA_TAGS],
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  disableSources: true,
  includeVersion: true,
  logLevel: LogLevel.Warn,
  validation: {
    invalidLink: true,
    notExported: false,
    notDocumented: false,
    rewrittenLink: false,
    unusedMergeModuleWith: true,
  },
});
const project = await app.convert();
if (project === undefined) process.exit(1);
app.validate(project);
if (!process.argv.includes("--check")) await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
