import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { repositoryRoot, type WorkspacePackage } from "../workspace.ts";

/** What will be published has an export map that points at files, types first, and nothing a consumer trips over. */
export async function publishedManifests(packages: readonly WorkspacePackage[]): Promise<readonly string[]> {
  const published = packages.filter(
    ({ folder, manifest }) => folder.startsWith("packages/") && manifest.private !== true,
  );
  const reports = await Promise.all(
    published.map(async ({ folder }) => {
      const { messages, pkg } = await publint({ pkgDir: join(repositoryRoot, folder), pack: false, strict: true });
      return messages
        .filter(({ type }) => type !== "suggestion")
        .map((message) => `${folder}: ${formatMessage(message, pkg, { color: false })}`);
    }),
  );
  return reports.flat();
}
