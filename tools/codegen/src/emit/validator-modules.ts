import type { CodeSettings } from "../api.ts";
import { uniqueNames } from "../identifiers.ts";
import type { MethodTable } from "../read/method-table.ts";
import type { Types } from "../schema/types.ts";
import { emitValidators, type ValidatorModule } from "./zod.ts";

/** Methods without a `/` in their name. */
const UNGROUPED = "session";
/** What methods of more than one namespace use. */
const SHARED = "shared";

/** The validators of all types that methods use, by path relative to the folder of the code. */
export function validatorFiles(types: Types, methods: MethodTable, settings: CodeSettings): Map<string, string> {
  const modules =
    settings.split === "whole" ? [whole(types, methods, settings)] : byNamespace(types, methods, settings);
  const homes = new Map(modules.flatMap(({ path, types: own }) => own.map((name) => [name, path] as const)));
  const files = new Map(modules.map((module) => [module.path, emitValidators(module, types, settings, homes)]));
  if (settings.split === "namespace") files.set("zod.gen.ts", joinedTable(modules));
  return files;
}

function whole(types: Types, methods: MethodTable, settings: CodeSettings): ValidatorModule {
  return { path: "zod.gen.ts", types: used(types, methods, settings), methods };
}

function byNamespace(types: Types, methods: MethodTable, settings: CodeSettings): ValidatorModule[] {
  const spaces = new Map<string, MethodTable>();
  for (const row of methods) {
    // A name with its slash is never the one of those without.
    const name = row.method.includes("/") ? `${row.method.split("/")[0]}/` : UNGROUPED;
    spaces.set(name, [...(spaces.get(name) ?? []), row]);
  }
  uniqueNames(
    [{ space: SHARED, what: "the file of what namespaces share" }, ...[...spaces.keys()].map(described)],
    ({ space }) => pathOf(space),
    ({ what }) => what,
  );
  const users = new Map<string, Set<string>>();
  for (const [space, rows] of spaces) {
    for (const type of used(types, rows, settings)) users.set(type, (users.get(type) ?? new Set()).add(space));
  }
  const all = used(types, methods, settings);
  const typesOf = (belongs: (spaces: ReadonlySet<string>) => boolean) =>
    all.filter((type) => belongs(users.get(type) ?? new Set()));
  const shared: ValidatorModule = { path: pathOf(SHARED), types: typesOf((found) => found.size > 1), methods: [] };
  return [
    shared,
    ...[...spaces].map(([space, rows]) => ({
      path: pathOf(space),
      types: typesOf((found) => found.size === 1 && found.has(space)),
      methods: rows,
    })),
  ];
}

function used(types: Types, methods: MethodTable, { foreign, byHand }: CodeSettings): string[] {
  const roots = methods.flatMap(({ params, result }) => [params, result]).filter((name) => name !== null);
  return types.reachedFrom(roots, (name) => Object.hasOwn(foreign, name) || Object.hasOwn(byHand, name));
}

/** Kebab-case, as every folder here. */
function pathOf(space: string): string {
  const name = space.replace("/", "");
  return `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}/zod.gen.ts`;
}

function described(space: string): { readonly space: string; readonly what: string } {
  return { space, what: space === UNGROUPED ? "methods without a namespace" : `methods below ${space}` };
}

/** One table over those of all namespaces. */
function joinedTable(modules: readonly ValidatorModule[]): string {
  const spaces = modules.filter(({ methods }) => methods.length > 0);
  const names = spaces.map(({ path }, index) => ({ path, name: `schemas${index}` }));
  return [
    ...names.map(({ path, name }) => `import { METHOD_SCHEMAS as ${name} } from "./${path}";`),
    "",
    "/** The validators of each method. Null: no params, or no result. */",
    "export const METHOD_SCHEMAS = {",
    ...names.map(({ name }) => `  ...${name},`),
    "} as const;",
    "",
  ].join("\n");
}
