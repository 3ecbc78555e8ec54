import type { Api } from "../api.ts";

export const PERMISSION_PROFILE: Api = {
  name: "permission-profile",
  source: {
    kind: "authored",
    package: "@holdfast/permission-profile",
    files: ["packages/permission-profile/src/types", "packages/permission-profile/src/legacy/sandbox-policy.ts"],
    brands: {},
  },
  schemas: "schemas/permission-profile",
  description: "What a command may read, write and reach, as data.",
  protocol: null,
};
