import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/*
 * One file per command instead of hundreds of modules: half the start-up time and a fifth less memory, because what is
 * not used (zod's translations above all) is not loaded.
 */

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const executor = createRequire(import.meta.url)
  .resolve("@holdfast/executor")
  .replace(/index\.js$/, "");

/*
 * Imported as modules, `http` and `https` touch every member of themselves, and the one called WebSocket loads a whole web client:
 * 50 ms before the program says a word. Asked for by name, they do not.
 */
const httpOnDemand = {
  name: "http-on-demand",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(node:)?https?$/ }, ({ kind, path }) =>
      kind === "import-statement" ? { path, namespace: "built-in" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "built-in" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

const common = {
  outdir: here("dist"),
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node22",
  plugins: [httpOnDemand],
  // They load native code that lies beside them.
  external: ["koffi", "@lydell/node-pty", "bufferutil"],
  // For the packages among them that are CommonJS and require built-in modules.
  banner: {
    js: 'import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);',
  },
  // The text of a module stays in memory. Names stay as they are, for the stacks of errors.
  minifyWhitespace: true,
  logLevel: "warning",
};

// Chunks are named after their content: those of earlier builds would stay.
rmSync(here("dist/program"), { recursive: true, force: true });

await build({
  ...common,
  entryPoints: { "program/main": here("dist/main.js") },
  chunkNames: "program/[name]-[hash]",
  splitting: true,
});

// Programs that the executor starts, at the places where it looks for them from within the bundle.
await build({
  ...common,
  entryPoints: {
    "program/sweep-main": `${executor}guardian/sweep-main.js`,
    "pty/launch-as": `${executor}pty/launch-as.js`,
    "confined-files/helper-main": `${executor}confined-files/helper-main.js`,
  },
});
