import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * The validators stand behind quick checks, which take nearly every message. Evaluating zod and making them costs more than all
 * the rest of an import, so they are run at the first message that the quick checks do not take. Each method's validators are
 * behind a getter, as in the module itself.
 *
 * @param external - What to require them from at run time. Default: they are in the bundle.
 */
export function validatorsOnDemand(external) {
  return {
    name: "validators-on-demand",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /\/zod\.gen\.js$/ }, ({ importer, path, resolveDir, kind }) =>
        kind === "import-statement" && importer.endsWith("/protocol.js")
          ? { path: createRequire(`${resolveDir}/`).resolve(path), namespace: "on-demand" }
          : undefined,
      );
      onLoad({ filter: /.*/, namespace: "on-demand" }, async ({ path }) => {
        const { METHOD_SCHEMAS } = await import(pathToFileURL(path).href);
        const names = Object.keys(METHOD_SCHEMAS).map((method) => JSON.stringify(method));
        const getters = names.map((name) => `get ${name}() { return schemas()[${name}]; },`);
        const required = external === undefined ? `require(${JSON.stringify(path)})` : external;
        return {
          contents: [
            // Once: a bundler copies all that a module exports whenever it is required as CommonJS.
            "let known;",
            `const schemas = () => (known ??= ${required}.METHOD_SCHEMAS);`,
            `export const METHOD_SCHEMAS = {\n${getters.join("\n")}\n};`,
          ].join("\n"),
          resolveDir: fileURLToPath(new URL(".", pathToFileURL(path))),
        };
      });
    },
  };
}
