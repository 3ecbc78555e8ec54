import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Api, ImportedSource, Protocol } from "./api.ts";
import { banner } from "./banner.ts";
import { canonicalJson } from "./canonical-json.ts";
import { codeFiles } from "./emit/code.ts";
import { errorTable, fillMarkers, limitTable, notServedTable, releaseTable } from "./emit/docs.ts";
import { openRpc } from "./emit/openrpc.ts";
import { mergedProvenance, provenance } from "./emit/provenance.ts";
import { schemaOfShape } from "./emit/schema-of-shape.ts";
import { typeNotes } from "./emit/type-notes.ts";
import { type MergedApi, mergeReleases } from "./merge/merge-releases.ts";
import { loadErrors } from "./read/errors.ts";
import { type ImportedTypes, importedTypes, methodsOf, withUnlistedMethods } from "./read/imported.ts";
import { loadLimits } from "./read/limits.ts";
import { loadNotServed } from "./read/not-served.ts";

/** Every file that is made of an imported API, by path: a document for each release, and one, the code and the page of all of them. */
export async function importedFiles(
  root: string,
  api: Api,
  source: ImportedSource,
  protocol: Protocol,
): Promise<Map<string, string>> {
  const releases = source.releases.map((release) => importedTypes(root, api, release));
  const merged = mergeReleases(
    source,
    releases.map((release) => withUnlistedMethods(root, source, release)),
  );
  return new Map([
    ...releases.flatMap((release) => releaseFiles(root, api, source, protocol, release, merged)),
    ...(await mergedFiles(root, api, source, protocol, merged)),
  ]);
}

function releaseFiles(
  root: string,
  { name }: Api,
  source: ImportedSource,
  protocol: Protocol,
  { api, ...release }: ImportedTypes,
  merged: MergedApi,
): [string, string][] {
  const since = new Map(merged.methods.map((row) => [row.method, row.since]));
  const document = openRpc({
    api,
    protocol: { ...protocol, release: release.release },
    methods: methodsOf(source, release).map((row) => ({ ...row, since: since.get(row.method) ?? row.since })),
    types: release.types,
    schemas: `${name}.json`,
    errors: {},
    limits: [],
  });
  return [
    [`${api.schemas}/PROVENANCE.md`, provenance(root, { api, ...release })],
    [`${api.schemas}/openrpc.json`, document],
  ];
}

async function mergedFiles(
  root: string,
  api: Api,
  source: ImportedSource,
  protocol: Protocol,
  merged: MergedApi,
): Promise<[string, string][]> {
  const { types, methods } = merged;
  const errors = protocol.tables === null ? {} : await loadErrors(root, protocol.tables);
  const limits = protocol.tables === null ? [] : await loadLimits(root, protocol.tables);
  const schemas = new Map(types.names().map((name) => [name, schemaOfShape(types.shape(name))]));
  const sources = [...source.releases.map(({ document }) => document), source.unlisted];
  const files: [string, string][] = [
    [`${api.schemas}/PROVENANCE.md`, mergedProvenance(root, api.name, sources)],
    [
      `${api.schemas}/${api.name}.json`,
      canonicalJson({
        $schema: "http://json-schema.org/draft-07/schema#",
        title: `${api.name}, of all releases`,
        definitions: Object.fromEntries(schemas),
        "x-releases": source.releases.map(({ release }) => release),
        "x-experimental-members": [...merged.experimental].flatMap(([place, until]) =>
          until === undefined ? [place] : [],
        ),
      }),
    ],
    [
      `${api.schemas}/openrpc.json`,
      openRpc({ api, protocol, methods, types: schemas, schemas: `${api.name}.json`, errors, limits }),
    ],
  ];
  if (protocol.code !== null) {
    const notes = typeNotes(merged, source.releases[0]?.release ?? "", protocol.code.settings.kit);
    const experimental = { ...merged, experimentalVariants: source.experimentalVariants };
    const code = await codeFiles({ types, imported: types.names(), methods, notes, experimental }, protocol.code);
    const header = banner(root, sources);
    for (const [path, text] of code) files.push([`${protocol.code.folder}/${path}`, header + text]);
  }
  if (protocol.docs !== null) {
    const notServed = protocol.tables === null ? [] : await loadNotServed(root, protocol.tables, methods);
    const tables = {
      methods: releaseTable(methods),
      "not-served": notServedTable(notServed),
      errors: errorTable(errors),
      limits: limitTable(limits),
    };
    files.push([protocol.docs, fillMarkers(readFileSync(join(root, protocol.docs), "utf8"), tables)]);
  }
  return files;
}
