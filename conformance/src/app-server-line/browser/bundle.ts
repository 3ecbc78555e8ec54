import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** What the manifest of the published package names for browsers. */
const entry = fileURLToPath(new URL("../../../../packages/app-server-client/dist/browser/index.js", import.meta.url));
const program = fileURLToPath(new URL("./page.ts", import.meta.url));

/** The page's program as vite makes it for browsers, in one file, with what it weighs. */
export async function bundledPage() {
  const output = await build({
    configFile: false,
    logLevel: "silent",
    resolve: { alias: { "@holdfast/app-server-client": entry } },
    build: { write: false, minify: true, lib: { entry: program, formats: ["iife"], name: "page", fileName: "page" } },
  });
  const [first] = Array.isArray(output) ? output : [];
  const code = first?.output[0].code ?? "";
  return { code, bytes: code.length, gzipBytes: gzipSync(code).length };
}
