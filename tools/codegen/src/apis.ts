/** One API whose wire types are authored in TypeScript. */
export interface Api {
  readonly name: string;
  /** Package that owns the types. */
  readonly package: string;
  /** Files with the wire types, relative to the root; a folder means every file in it. */
  readonly sources: readonly string[];
  /** Folder of the schemas, relative to the root. */
  readonly schemas: string;
  /** What stands for a type in TypeScript where the wire has another: type name to the schema of its wire type. */
  readonly brands: Readonly<Record<string, string>>;
}

function profile(name: string) {
  return `packages/permission-profile/src/${name}.ts`;
}

/** From the one that depends on nobody to the one that depends on the others. */
export const APIS: readonly Api[] = [
  {
    name: "path-uri",
    package: "@holdfast/path-uri",
    sources: ["packages/path-uri/src/wire.ts"],
    schemas: "schemas/path-uri",
    brands: { PathUri: "PathUriText" },
  },
  {
    name: "permission-profile",
    package: "@holdfast/permission-profile",
    sources: [
      profile("file-system-access-mode"),
      profile("file-system-path"),
      profile("file-system-permissions"),
      profile("file-system-sandbox-context"),
      profile("file-system-sandbox-entry"),
      profile("file-system-special-path"),
      profile("network-sandbox-policy"),
      profile("permission-profile"),
      profile("sandbox-policy"),
    ],
    schemas: "schemas/permission-profile",
    brands: {},
  },
  {
    name: "exec-server",
    package: "@holdfast/exec-server-protocol",
    sources: ["packages/exec-server-protocol/src/types"],
    schemas: "schemas/exec-server",
    brands: {},
  },
];

/** Where the code of the exec-server API goes, relative to the root. */
export const EXEC_SERVER = {
  methods: "packages/exec-server-protocol/src/methods.ts",
  errors: "packages/exec-server-protocol/src/errors.ts",
  limits: "packages/exec-server-protocol/src/limits.ts",
  code: "packages/exec-server-protocol/src/gen",
  docs: "docs/wire/exec-server.md",
  stubs: { client: "ExecServerClient", server: "ExecServerCallbacks" },
} as const;

interface ForeignValidator {
  readonly from: string;
  readonly name: string;
  /** It gives something else than the wire type: what `Received` says. */
  readonly parses?: boolean;
}

/** Types that are validated by the package that owns them: type name to export of that package. */
export const FOREIGN_VALIDATORS: Readonly<Record<string, ForeignValidator>> = {
  PathUriText: { from: "@holdfast/path-uri/zod", name: "pathUriSchema" },
  FileSystemSandboxContext: {
    from: "@holdfast/permission-profile/zod",
    name: "fileSystemSandboxContextSchema",
    parses: true,
  },
};

/** Types whose validator is written by hand in the schema kit, because it passes values through as they are. */
export const KIT_VALIDATORS: Readonly<Record<string, string>> = { StringMap: "stringMap", JsonObject: "jsonObject" };
