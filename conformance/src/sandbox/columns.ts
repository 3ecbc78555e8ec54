import { uriOf } from "../start-params.ts";
import type { Playground } from "./playground.ts";

/** A profile of the truth table, by the name of its column. */
export interface Column {
  readonly name: string;
  /** The context to send along; undefined for none. */
  context(playground: Playground): Readonly<Record<string, unknown>> | undefined;
}

type Entry = Readonly<Record<string, unknown>>;

function special(kind: string, access: string, members: object = {}): Entry {
  return {
    path: { type: "special", value: { kind, ...members } },
    access,
  };
}

function literal(path: string, access: string): Entry {
  return { path: { type: "path", path: uriOf(path) }, access };
}

const METADATA = [".git", ".agents", ".codex", ".aws"].map((subpath) => ({
  ...special("project_roots", "read", { subpath }),
  missing_path_behavior: "skip",
}));

const WORKSPACE_WRITE: readonly Entry[] = [
  special("root", "read"),
  special("project_roots", "write"),
  special("slash_tmp", "write"),
  special("tmpdir", "write"),
  ...METADATA,
];

/** The context of a profile whose workspace is that of the playground. */
export function contextFor(workspace: string, permissions: object): Readonly<Record<string, unknown>> {
  return {
    permissions,
    cwd: uriOf(workspace),
    workspaceRoots: [uriOf(workspace)],
    windowsSandboxLevel: "disabled",
  };
}

/** A profile made of entries. */
export function managed(entries: readonly Entry[], network = "restricted"): object {
  return {
    type: "managed",
    network,
    file_system: { type: "restricted", entries },
  };
}

/** What orchestrators send by default. */
export function workspaceWrite(extra: readonly Entry[] = []): object {
  return managed([...WORKSPACE_WRITE, ...extra]);
}

function column(name: string, permissions: (playground: Playground) => object): Column {
  return {
    name,
    context: (playground) => contextFor(playground.workspace, permissions(playground)),
  };
}

function carve({ workspace }: Playground): object {
  return workspaceWrite([literal(`${workspace}/a`, "deny"), literal(`${workspace}/a/b`, "write")]);
}

/** The columns of the table, in its order. */
export const COLUMNS: readonly Column[] = [
  column("ro", () => managed([special("root", "read")])),
  column("ro+n", () => managed([special("root", "read")], "enabled")),
  column("ww", () => workspaceWrite()),
  column("ww+n", () => managed(WORKSPACE_WRITE, "enabled")),
  column("carve", carve),
  column("min", () => managed([special("minimal", "read"), special("project_roots", "write")])),
  column("fullw", () => managed([special("root", "write")])),
  column("open", () => ({ type: "disabled" })),
];

/** Other spellings of a column, which must come to the same. */
export const VARIANTS: readonly (Column & { readonly of: string })[] = [
  {
    of: "fullw",
    ...column("unrestricted", () => ({
      type: "managed",
      network: "restricted",
      file_system: { type: "unrestricted" },
    })),
  },
  { of: "fullw", ...column("external", () => ({ type: "external", network: "restricted" })) },
  { of: "open", ...column("external+n", () => ({ type: "external", network: "enabled" })) },
  { of: "open", name: "no context", context: () => undefined },
];
