import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, repositoryRoot, type WorkspacePackage } from "../workspace.ts";

const LICENSE = "Apache-2.0";
/** The oldest Node that published packages run on; `packed-install` tries it. */
const OLDEST_NODE = ">=22.15";
/** Published as a bundle, without its sources. */
const BUNDLE = "holdfast";

/** What is published says what it is, on what it runs and under which licence, and brings its sources. */
export function manifestFacts(packages: readonly WorkspacePackage[], root: string = repositoryRoot): readonly string[] {
  const published = packages.filter(
    ({ folder, manifest }) => folder.startsWith("packages/") && manifest.private !== true,
  );
  return [
    ...published.flatMap(({ folder, manifest }) =>
      factsMissing(manifest, existsSync(join(root, folder, "README.md"))).map(
        (fact) => `${folder}/package.json: ${fact}`,
      ),
    ),
    ...pinnedNode(root),
  ];
}

function factsMissing(manifest: Manifest, hasReadme: boolean): readonly string[] {
  const { name, license, description = "", keywords = [], engines, files = [] } = manifest;
  return [
    ...(license === LICENSE ? [] : [`license is to be ${LICENSE}`]),
    ...(description === "" ? ["lacks a description"] : []),
    ...(keywords.length === 0 ? ["lacks keywords"] : []),
    ...(engines?.node === OLDEST_NODE ? [] : [`engines.node is to be ${OLDEST_NODE}`]),
    ...(name === BUNDLE || files.includes("src") ? [] : ["files lacks src, which its maps lead to"]),
    ...unpublishedEntries(manifest).map((path) => `publishConfig.exports lacks ${path}, which exports has`),
    ...(hasReadme ? [] : ["has no README.md beside it"]),
  ];
}

/** Entries of the workspace that are not there once the package is published under others. */
function unpublishedEntries({ exports = {}, publishConfig }: Manifest): readonly string[] {
  const published = publishConfig?.exports;
  return published === undefined ? [] : Object.keys(exports).filter((path) => !Object.hasOwn(published, path));
}

/** Version managers and workflows read one file, the workspace another. */
function pinnedNode(root: string): readonly string[] {
  const pinned = /^ {2}node: (?<version>\S+)$/m.exec(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8"));
  const named = readFileSync(join(root, ".nvmrc"), "utf8").trim();
  return named === pinned?.groups?.version
    ? []
    : [`.nvmrc: names Node ${named}, the catalog ${pinned?.groups?.version}`];
}
