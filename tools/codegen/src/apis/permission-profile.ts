import type { Api } from "../api.ts";

const FILES = [
  "file-system-access-mode",
  "file-system-path",
  "file-system-permissions",
  "file-system-sandbox-context",
  "file-system-sandbox-entry",
  "file-system-special-path",
  "network-sandbox-policy",
  "permission-profile",
  "sandbox-policy",
];

export const PERMISSION_PROFILE: Api = {
  name: "permission-profile",
  source: {
    kind: "authored",
    package: "@holdfast/permission-profile",
    files: FILES.map((name) => `packages/permission-profile/src/${name}.ts`),
    brands: {},
  },
  schemas: "schemas/permission-profile",
  description: "What a command may read, write and reach, as data.",
  protocol: null,
};
