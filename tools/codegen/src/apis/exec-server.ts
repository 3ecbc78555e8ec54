import type { Api } from "../api.ts";

const SOURCE = "packages/exec-server-protocol/src";

export const EXEC_SERVER: Api = {
  name: "exec-server",
  source: {
    kind: "authored",
    package: "@holdfast/exec-server-protocol",
    files: [`${SOURCE}/types`],
    brands: {},
  },
  schemas: "schemas/exec-server",
  description:
    "Runs commands and terminals, reads and writes files, and makes HTTP requests on another machine. One JSON object per " +
    "WebSocket message, or per line of standard input and output.",
  protocol: {
    release: "0.171.0",
    version: "1.0.0",
    envelope: "EnvelopeMessage",
    fixtures: "fixtures",
    roles: { client: "client", server: "executor" },
    tables: {
      methods: `${SOURCE}/methods.ts`,
      errors: `${SOURCE}/errors.ts`,
      limits: `${SOURCE}/limits.ts`,
      limitRows: `${SOURCE}/limit-table.ts`,
    },
    code: {
      folder: `${SOURCE}/gen`,
      stubs: { client: "ExecServerClient", server: "ExecServerCallbacks" },
      settings: {
        split: "whole",
        agreement: "build",
        kit: "@holdfast/protocol-kit",
        types: "../wire-types.ts",
        received: "../received.ts",
        metadata: null,
        unknownWords: "refused",
        quick: ["notices", "results", "params"],
        foreign: {
          PathUriText: {
            from: "@holdfast/path-uri/zod",
            name: "pathUriSchema",
            quick: { from: "@holdfast/path-uri", name: "readPathUri" },
          },
          FileSystemSandboxContext: {
            from: "@holdfast/permission-profile/zod",
            name: "fileSystemSandboxContextSchema",
            parses: true,
          },
        },
        byHand: { StringMap: "stringMap", JsonObject: "jsonObject" },
        // It refuses bad base64 with a code of its own.
        lateBase64: ["FsWriteFileParams.dataBase64"],
      },
    },
    docs: "docs/wire/exec-server.md",
  },
};
