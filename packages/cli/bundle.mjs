import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { validatorsOnDemand } from "../exec-client/validators-on-demand.mjs";

/*
 * One file per command instead of hundreds of modules: half the start-up time and a fifth less memory, because what is
 * not used (zod's translations above all) is not loaded.
 */

function here(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}

const executor = createRequire(import.meta.url)
  .resolve("@holdfast/executor")
  .replace(/index\.js$/, "");

/*
 * Imported as modules, parts of Node touch every member of themselves: of `http` the one called WebSocket loads a whole web client, 50 ms
 * before the program says a word, of `util` one compares texts. Asked for by name, they do not.
 */
const builtInsOnDemand = {
  name: "built-ins-on-demand",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(node:.*|https?)$/ }, ({ kind, path }) =>
      kind === "import-statement" ? { path, namespace: "built-in" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "built-in" }, ({ path }) => ({
      // What is copied is looked at, too: members are inherited.
      contents: `module.exports = Object.create(process.getBuiltinModule(${JSON.stringify(path)}));`,
    }));
  },
};

const common = {
  bundle: true,
  platform: "node",
  target: "node22",
  // The text of a module stays in memory. Names stay as they are, for the stacks of errors.
  minifyWhitespace: true,
  logLevel: "warning",
};

/** A program of one text, for a Node that can read no file of ours. */
async function programText(lines) {
  const { outputFiles } = await build({
    ...common,
    stdin: { contents: lines.join("\n"), resolveDir: executor },
    format: "esm",
    minify: true,
    write: false,
  });
  return outputFiles[0].text;
}

/** What becomes part of the bundle as text, under the names by which the executor asks for it. */
const texts = {
  HOLDFAST_SWEEP_PROGRAM: await programText([
    'import { sweepAsProgram } from "./guardian/sweep-main.js";',
    "sweepAsProgram(JSON.parse(process.argv[1]));",
  ]),
  HOLDFAST_FILES_PROGRAM: await programText([
    'import { serveFilesAsProgram } from "./confined-files/helper-main.js";',
    'import * as pathUri from "@holdfast/path-uri";',
    "serveFilesAsProgram(async () => pathUri);",
  ]),
  HOLDFAST_PLAN_PROGRAM: await programText([
    'import { servePlansAsThread } from "./planning/plan-thread-main.js";',
    "servePlansAsThread();",
  ]),
  HOLDFAST_TREES_PROGRAM: await programText([
    'import { serveTreesAsThread } from "./trees/tree-thread-main.js";',
    "serveTreesAsThread();",
  ]),
  HOLDFAST_UNDICI: "./undici.cjs",
};

// Chunks are named after their content: those of earlier builds would stay.
rmSync(here("dist/program"), { recursive: true, force: true });

/*
 * The web client is loaded when the first request is made. One file, so that the executor can take its text into memory before;
 * ASCII, so that the text is as long as its bytes.
 */
await build({
  ...common,
  entryPoints: { "program/undici": createRequire(executor).resolve("undici") },
  outdir: here("dist"),
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  charset: "ascii",
});

const program = {
  ...common,
  outdir: here("dist"),
  format: "esm",
  // They load native code that lies beside them.
  external: ["koffi", "@lydell/node-pty", "bufferutil"],
  define: Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, JSON.stringify(text)])),
  // For the packages among them that are CommonJS and require built-in modules.
  banner: {
    js: 'import { createRequire as createRequireOfBundle } from "node:module"; const require = createRequireOfBundle(import.meta.url);',
  },
};

/** What a command that is started all the time needs at once; everything else stays where `main` has it. Name of its entry to its file. */
const onDemand = new Map();
const laterFromMain = {
  name: "later-from-main",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /.*/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (kind !== "dynamic-import" || pluginData === laterFromMain) return undefined;
      const found = await resolve(path, { importer, resolveDir, kind, pluginData: laterFromMain });
      if (found.external) return found;
      const name = entryName(found.path);
      onDemand.set(name, found.path);
      return { path: `./${name}.js`, external: true };
    });
  },
};

/** The name under which `main` has a module: its package, and its place there. */
function entryName(path) {
  const [, owner = "", place = ""] = /\/([^/]+)\/dist\/(.+)\.js$/.exec(path) ?? [];
  if (place === "") throw new Error(`${path} has no place among the parts of the program`);
  return `parts/${owner}-${place.replaceAll("/", "-")}`;
}

/** What `exec` asks no executor for, its files and its HTTP: a quarter of the text, through these two modules. */
const withoutFilesAndHttp = {
  name: "without-files-and-http",
  setup({ onLoad }) {
    onLoad({ filter: /\/exec-client\/dist\/(filesystem\/executor-fs|http\/fetch)\.js$/ }, () => ({
      contents: "export class ExecutorFileSystem {}\nexport const fetchOn = undefined;",
    }));
  },
};

/*
 * `exec` in one file, without what it needs seldom. Reading a module costs more than running it, and this program is started
 * for every command of a script.
 */
const { metafile } = await build({
  ...program,
  metafile: true,
  entryPoints: { "program/exec": here("dist/main-exec.js") },
  external: [...program.external, "./validators.cjs"],
  // A third of the text. Whoever wants to read its stacks, with --debug, is given those of `main`.
  minify: true,
  plugins: [builtInsOnDemand, validatorsOnDemand('require("./validators.cjs")'), laterFromMain, withoutFilesAndHttp],
});
for (const path of Object.keys(metafile.inputs).filter((name) => name.startsWith("dist/"))) {
  const [member] = /\.(fs|fetch)\b/.exec(readFileSync(here(path), "utf8")) ?? [];
  if (member !== undefined) throw new Error(`${path} asks for ${member}, which is not in the program of exec`);
}

await build({
  ...common,
  entryPoints: {
    "program/validators": createRequire(executor)
      .resolve("@holdfast/exec-server-protocol")
      .replace(/index\.js$/, "gen/zod.gen.js"),
  },
  outdir: here("dist"),
  outExtension: { ".js": ".cjs" },
  format: "cjs",
});

/*
 * `serve` in one file, and whole: what it asks for later is in it, too. Of dozens of files, each with its imports, the functions of the
 * loader become so hot that Node compiles them, which takes 5 MB of the compiler into memory that nothing else at its start needs.
 */
await build({
  ...program,
  entryPoints: { "program/serve": here("dist/main-serve.js") },
  minifySyntax: true,
  plugins: [builtInsOnDemand, validatorsOnDemand()],
});

await build({
  ...program,
  entryPoints: {
    "program/main": here("dist/main.js"),
    "program/agent": here("dist/main-agent.js"),
    "program/far-program": here("dist/far-program/index.js"),
    ...Object.fromEntries([...onDemand].map(([name, path]) => [`program/${name}`, path])),
  },
  chunkNames: "program/[name]-[hash]",
  splitting: true,
  // Not the validators: required from within, all of zod would be evaluated on demand, and the SDK of MCP, which imports it, finds it too early.
  external: [...program.external, "./validators.cjs"],
  plugins: [builtInsOnDemand, validatorsOnDemand('require("./validators.cjs")')],
});

// A program that the executor starts from its file, at the place where it looks for it from within the bundle.
await build({
  ...common,
  entryPoints: { "pty/launch-as": `${executor}pty/launch-as.js` },
  outdir: here("dist"),
  format: "esm",
  external: ["koffi"],
});
