import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const program = fileURLToPath(new URL("./page.ts", import.meta.url));

/** The page's program as vite makes it for browsers, in one file, with what it weighs. */
export async function bundledPage() {
  const output = await build({
    configFile: false,
    logLevel: "silent",
    build: { write: false, minify: true, lib: { entry: program, formats: ["iife"], name: "page", fileName: "page" } },
  });
  const [first] = Array.isArray(output) ? output : [];
  const code = first?.output[0].code ?? "";
  return { code, bytes: code.length, gzipBytes: gzipSync(code).length };
}
