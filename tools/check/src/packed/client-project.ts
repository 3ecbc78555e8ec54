import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { CLIENT_PROGRAM, REQUIRING_PROGRAM } from "./client-programs.ts";
import { type PackedPackage, run } from "./pack.ts";

/** What an install of the client alone may take on a disk, with its sources, and declarations that lead to them. */
const CLIENT_MAX_BYTES = 5_700_000;

/** What only those need who serve, or who check messages themselves. */
const NOT_OF_A_CLIENT = [
  "zod",
  "bufferutil",
  "undici",
  "koffi",
  "@lydell/node-pty",
  "@noble/post-quantum",
  "@bufbuild/protobuf",
];

/** Install the client and nothing else into a folder, as a user would, and look at what came. */
export function installClient(folder: string, packed: readonly PackedPackage[]): void {
  const tarballs = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const client = tarballs["@holdfast/exec-client"];
  const manifest = { private: true, dependencies: { "@holdfast/exec-client": client }, overrides: tarballs };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], folder);
  const modules = join(folder, "node_modules");
  const strays = NOT_OF_A_CLIENT.filter((name) => readdirSync(modules).includes(name.split("/")[0] ?? name));
  if (strays.length > 0) throw new Error(`an install of the client alone brings ${strays.join(", ")}`);
  const { files, bytes } = sizeOf(modules);
  if (bytes > CLIENT_MAX_BYTES) throw new Error(`an install of the client takes ${bytes} bytes in ${files} files`);
  console.log(`the client alone: ${files} files, ${(bytes / 1e6).toFixed(2)} MB`);
  writeFileSync(join(folder, "client.mjs"), CLIENT_PROGRAM);
  writeFileSync(join(folder, "requiring.cjs"), REQUIRING_PROGRAM);
}

/** The same program as one file for Node, with no help for packages that are CommonJS. */
export async function bundleClient(folder: string): Promise<void> {
  const entryPoints = [join(folder, "client.mjs")];
  const outfile = join(folder, "bundled.mjs");
  await build({
    entryPoints,
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    logLevel: "error",
  });
}

function sizeOf(folder: string): { readonly files: number; readonly bytes: number } {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    // Written by npm for itself.
    .filter((path) => path !== ".package-lock.json")
    .map((path) => statSync(join(folder, path)))
    .filter((stat) => stat.isFile());
  return { files: paths.length, bytes: paths.reduce((sum, { size }) => sum + size, 0) };
}

/** The version of a package that was installed. */
export function installedVersion(folder: string, name: string): string {
  const text = readFileSync(join(folder, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
