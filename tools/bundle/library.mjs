import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

/* Nobody looks for names of these in a stack: zod's own are a tenth of what it takes. Nor does anybody ask it for other languages, which are more than half. */
const leanLibraries = {
  name: "lean-libraries",
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export {};",
      loader: "js",
    }));
    onLoad({ filter: /\/node_modules\/(?:zod|@noble\/[^/]+|@bufbuild\/protobuf)\/.*\.js$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { format: "esm", minify: true });
      return { contents: code, loader: "js" };
    });
  },
};

/**
 * Make what is published of a library: a few files instead of hundreds of modules, which takes most of the time out of an import and leaves out
 * what is not used. The workspace itself, tests included, runs on the modules that the compiler wrote.
 *
 * Once for Node, Bun and Deno, by entry, into `dist/bundle`; and the root entry once for browsers, in one file, into `dist/browser`.
 *
 * @param folder - URL of the package, with a slash at its end.
 * @param plugins - Of esbuild, for both. `browserPlugins`: for browsers alone. `inject`: files with what browsers lack.
 */
export async function bundleLibrary(folder, { plugins = [], browserPlugins = [], inject = [] } = {}) {
  const here = (path) => fileURLToPath(new URL(path, folder));
  const common = {
    bundle: true,
    format: "esm",
    outdir: here("dist"),
    // Names stay as they are, for the stacks of errors; lines stay short, because Node shows the one that an uncaught error came from.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    logLevel: "warning",
    plugins: [...plugins, leanLibraries],
  };

  const manifest = JSON.parse(readFileSync(here("package.json"), "utf8"));
  /** As the manifest has them, without their ending. */
  const entries = Object.values(manifest.exports).flatMap(({ default: file }) =>
    file === undefined ? [] : [file.replace(/^\.\/dist\/|\.js$/g, "")],
  );
  const unpublished = Object.keys(manifest.exports).filter((entry) => !(entry in manifest.publishConfig.exports));
  if (unpublished.length > 0) throw new Error(`package.json: publishConfig.exports lacks ${unpublished.join(", ")}`);

  rmSync(here("dist/bundle"), { recursive: true, force: true });
  rmSync(here("dist/browser"), { recursive: true, force: true });

  await build({
    ...common,
    entryPoints: Object.fromEntries(entries.map((entry) => [`bundle/${entry}`, here(`dist/${entry}.js`)])),
    platform: "node",
    target: "node22",
    splitting: true,
    chunkNames: "bundle/[name]-[hash]",
    // Asked for by `ws`, where it is installed.
    external: ["bufferutil", "utf-8-validate"],
    banner: {
      // For `ws`, which is CommonJS: by the built-in modules alone, so that a bundler that takes this file in needs no `require`.
      js: "const require = globalThis.process?.getBuiltinModule?.('node:module')?.createRequire(import.meta.url);",
    },
  });

  await build({
    ...common,
    entryPoints: { "browser/index": here("dist/index.js") },
    platform: "browser",
    plugins: [...common.plugins, ...browserPlugins],
    target: "es2023",
    // A page is minified in any case, and nobody needs these names in an install: they are a third of the file.
    minifyIdentifiers: true,
    inject: inject.map(here),
  });
}
