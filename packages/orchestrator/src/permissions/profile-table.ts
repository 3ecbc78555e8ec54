import type { FileSystemAccessMode } from "@holdfast/permission-profile";
import type { TomlPath, TomlTable, TomlValue } from "../config/toml-document.ts";
import { flagOf, TomlShapeError, tableOf, textOf } from "../config/toml-shape.ts";

const DEPTH = "glob_scan_max_depth";

/** What a profile of the configuration says, before it is looked at what its paths mean. */
export interface ProfileTable {
  /** Id of the profile that it begins with. */
  readonly extends: string | undefined;
  /** Paths as they are written, what is below them as well, each with what it grants. */
  readonly grants: readonly ProfileGrant[];
  readonly globScanMaxDepth: number | undefined;
  /** Undefined: as the profile that it extends says. */
  readonly network: boolean | undefined;
  /** Further folders of the workspace. */
  readonly workspaceRoots: readonly string[];
}

export interface ProfileGrant {
  readonly path: string;
  /** Below it; undefined: itself. */
  readonly subpath: string | undefined;
  readonly access: FileSystemAccessMode;
}

/** Read a profile. @throws TomlShapeError - A member is none of what it may be. */
export function profileTable(value: TomlValue, path: TomlPath): ProfileTable {
  const table = tableOf(value, path);
  const files = tableOf(table.filesystem ?? {}, [...path, "filesystem"]);
  const grants = Object.entries(files)
    .filter(([name]) => name !== DEPTH)
    .flatMap(([name, granted]) => grantsOf(name, granted, [...path, "filesystem", name]));
  const roots = tableOf(table.workspace_roots ?? {}, [...path, "workspace_roots"]);
  return {
    extends: table.extends === undefined ? undefined : textOf(table.extends, [...path, "extends"]),
    grants,
    globScanMaxDepth: depthOf(files[DEPTH]),
    network: networkOf(tableOf(table.network ?? {}, [...path, "network"]), path),
    workspaceRoots: Object.entries(roots)
      .filter(([name, isRoot]) => flagOf(isRoot, [...path, "workspace_roots", name]))
      .map(([name]) => name),
  };
}

function grantsOf(path: string, value: TomlValue, place: TomlPath): readonly ProfileGrant[] {
  if (typeof value === "string") return [{ path, subpath: undefined, access: accessOf(value, place) }];
  return Object.entries(tableOf(value, place)).map(([subpath, access]) => ({
    path,
    subpath: subpath === "." ? undefined : subpath,
    access: accessOf(access, [...place, subpath]),
  }));
}

function accessOf(value: TomlValue, place: TomlPath): FileSystemAccessMode {
  const word = textOf(value, place);
  if (word === "none") return "deny";
  if (word === "read" || word === "write" || word === "deny") return word;
  throw new TomlShapeError(
    `unknown variant \`${word}\`, expected one of \`read\`, \`write\`, \`deny\`, \`none\``,
    place,
  );
}

function depthOf(value: TomlValue | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && Number(value) >= 1) return Number(value);
  throw new TomlShapeError(`${DEPTH} must be at least 1`, []);
}

/** What narrows the network further than to all or nothing is refused: without it more would be open than was meant. */
function networkOf(table: TomlTable, path: TomlPath): boolean | undefined {
  const narrower = Object.keys(table).find((name) => name !== "enabled");
  if (narrower !== undefined && table.enabled === true) {
    const what = `\`network.${narrower}\` can not be enforced here; leave it out, or set \`network.enabled\` to false`;
    throw new TomlShapeError(what, path);
  }
  return table.enabled === undefined ? undefined : flagOf(table.enabled, [...path, "network", "enabled"]);
}
