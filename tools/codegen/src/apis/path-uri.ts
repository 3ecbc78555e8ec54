import type { Api } from "../api.ts";

export const PATH_URI: Api = {
  name: "path-uri",
  source: {
    kind: "authored",
    package: "@holdfast/path-uri",
    files: ["packages/path-uri/src/wire.ts"],
    brands: { PathUri: "PathUriText" },
  },
  schemas: "schemas/path-uri",
  protocol: null,
};
