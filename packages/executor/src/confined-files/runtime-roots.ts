import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** How a helper is started, and what has to be readable for that. */
export interface HelperProgram {
  readonly argv: readonly string[];
  /** Absolute native paths: Node, the modules of this package, and what they load. */
  readonly runtimeRoots: readonly string[];
}

let program: HelperProgram | undefined;

export function helperProgram(): HelperProgram {
  program ??= locate();
  return program;
}

function locate(): HelperProgram {
  const require = createRequire(import.meta.url);
  const modules = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
  const main = join(modules, "confined-files", `helper-main${extname(import.meta.url)}`);
  const pathUri = realpathSync(require.resolve("@holdfast/path-uri"));
  const node = realpathSync(process.execPath);
  // Its manifest tells Node that a folder's files are modules.
  const withManifest = (folder: string) => [folder, join(dirname(folder), "package.json")].filter(existsSync);
  const [mainUrl, pathUriUrl] = [main, pathUri].map((path) => JSON.stringify(pathToFileURL(path).href));
  const code = `import { serveFilesAsProgram } from ${mainUrl}; serveFilesAsProgram(${pathUriUrl});`;
  return {
    argv: [node, "--input-type=module", "--eval", code],
    runtimeRoots: [node, ...withManifest(modules), ...withManifest(dirname(pathUri))],
  };
}
