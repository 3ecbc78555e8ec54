import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { validatorsOnDemand } from "./validators-on-demand.mjs";

/*
 * What is published: a few files instead of hundreds of modules, which halves the time of an import and leaves out what is not
 * used. The workspace itself, tests included, runs on the modules that the compiler wrote.
 *
 * Once for Node, Bun and Deno, and once for browsers, in one file, with what browsers lack.
 */

function here(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Pages start no programs and listen on no ports: they are spared what only leads to that. */
const noMachine = {
  name: "no-machine",
  setup({ onResolve }) {
    onResolve({ filter: /\/ssh\/dial-ssh\.js$/ }, () => ({ path: here("dist/ssh/unsupported.js") }));
    onResolve({ filter: /\/forward\/forward(-reverse)?\.js$/ }, () => ({ path: here("dist/forward/unsupported.js") }));
  },
};

/* Nobody looks for names of zod in a stack: its own are a tenth of what it takes. */
const shortNames = {
  name: "short-names",
  setup({ onLoad }) {
    onLoad({ filter: /\/node_modules\/zod\/.*\.js$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { format: "esm", minify: true });
      return { contents: code, loader: "js" };
    });
  },
};

const common = {
  bundle: true,
  format: "esm",
  outdir: here("dist"),
  // Names stay as they are, for the stacks of errors; lines stay short, because Node shows the one that an uncaught error came from.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 120,
  logLevel: "warning",
  plugins: [validatorsOnDemand(), shortNames],
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
  plugins: [...common.plugins, noMachine],
  target: "es2023",
  // A page is minified in any case, and nobody needs these names in an install: they are a third of the file.
  minifyIdentifiers: true,
  inject: [here("browser-globals.mjs")],
});
