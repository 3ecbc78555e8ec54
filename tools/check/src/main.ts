import { arrows } from "./rules/arrows.ts";
import { browserRoots } from "./rules/browser-roots.ts";
import { catalog } from "./rules/catalog.ts";
import { dangerousModules } from "./rules/dangerous-modules.ts";
import { declarationStyle } from "./rules/declaration-style.ts";
import { declaredImports } from "./rules/declared-imports.ts";
import { environmentReaders } from "./rules/environment-readers.ts";
import { folderOrder } from "./rules/folder-order.ts";
import { importCycles } from "./rules/import-cycles.ts";
import { manifestFacts } from "./rules/manifest-facts.ts";
import { packageEntries } from "./rules/package-entries.ts";
import { publishedManifests } from "./rules/published-manifests.ts";
import { terminalWrites } from "./rules/terminal-writes.ts";
import { timers } from "./rules/timers.ts";
import { typeChecked } from "./rules/type-checked.ts";
import { readWorkspace } from "./workspace.ts";

const RULES = {
  arrows,
  browserRoots,
  catalog,
  dangerousModules,
  declarationStyle,
  declaredImports,
  environmentReaders,
  folderOrder,
  importCycles,
  packageEntries,
  manifestFacts,
  publishedManifests,
  terminalWrites,
  timers,
  typeChecked,
};

const packages = readWorkspace();
let breaches = 0;
for (const [name, rule] of Object.entries(RULES)) {
  for (const breach of await rule(packages)) {
    breaches++;
    console.error(`${name}: ${breach}`);
  }
}
const sources = packages.reduce((sum, { sources: files }) => sum + files.length, 0);
console.log(
  `checked ${Object.keys(RULES).length} rules over ${packages.length} packages and ${sources} sources: ${breaches} breaches`,
);
process.exitCode = breaches === 0 ? 0 : 1;
