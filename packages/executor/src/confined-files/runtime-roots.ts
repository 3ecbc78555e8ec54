import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundledFilesHelper } from "../platform/bundled-program.ts";

/** How a helper is started, and what has to be readable for that. */
export interface HelperProgram {
  readonly argv: readonly string[];
  /** Absolute native paths: Node, and the modules that the program loads. */
  readonly runtimeRoots: readonly string[];
  /** What it reads from its standard input before anything else. */
  readonly preamble: Buffer | undefined;
}

/**
 * Becomes the program whose text comes first on standard input, behind its length in four bytes: too long for an argument, and
 * nothing that a list of processes should show.
 */
const BOOTSTRAP = `
import { readSync } from "node:fs";
const read = (bytes) => {
  const data = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; ) {
    const count = readSync(0, data, at, bytes - at);
    if (count === 0) process.exit(0);
    at += count;
  }
  return data;
};
const text = read(read(4).readUInt32BE()).toString("base64");
await import("data:text/javascript;base64," + text);
`;

let program: HelperProgram | undefined;

export function helperProgram(): HelperProgram {
  program ??= locate();
  return program;
}

function locate(): HelperProgram {
  const node = realpathSync(process.execPath);
  const start = [node, "--input-type=module", "--eval"];
  if (bundledFilesHelper !== undefined) {
    const text = Buffer.from(bundledFilesHelper);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return { argv: [...start, BOOTSTRAP], runtimeRoots: [node], preamble: Buffer.concat([length, text]) };
  }
  const modules = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
  const main = join(modules, "confined-files", `helper-main${extname(import.meta.url)}`);
  const pathUri = realpathSync(createRequire(import.meta.url).resolve("@holdfast/path-uri"));
  // Its manifest tells Node that a folder's files are modules.
  const withManifest = (folder: string) => [folder, join(dirname(folder), "package.json")].filter(existsSync);
  const [mainUrl, pathUriUrl] = [main, pathUri].map((path) => JSON.stringify(pathToFileURL(path).href));
  const code = `import { serveFilesAsProgram } from ${mainUrl}; serveFilesAsProgram(() => import(${pathUriUrl}));`;
  return {
    argv: [...start, code],
    runtimeRoots: [node, ...withManifest(modules), ...withManifest(dirname(pathUri))],
    preamble: undefined,
  };
}
