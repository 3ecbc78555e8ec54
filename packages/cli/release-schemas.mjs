import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

/*
 * What `holdfast schema` compares, in one small file per release: the types of the app-server, and the methods that use them.
 */

function here(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}

function nameOf(reference) {
  return reference?.$ref?.split("/").at(-1) ?? null;
}

const source = here("../../schemas/app-server");
const target = here("dist/app-server-schemas");
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

for (const { name: release } of readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  const read = (name) => JSON.parse(readFileSync(`${source}/${release}/${name}`, "utf8"));
  const { definitions, "x-experimental-members": experimentalMembers } = read("app-server.json");
  const methods = read("openrpc.json").methods.map((method) => ({
    name: method.name,
    kind: method["x-kind"],
    from: method["x-from"],
    params: nameOf(method["x-params"]),
    result: nameOf(method.result?.schema),
    isExperimental: method["x-experimental"] === true,
  }));
  const document = JSON.stringify({ release, methods, types: definitions, experimentalMembers });
  writeFileSync(`${target}/${release}.json.br`, brotliCompressSync(document));
}
