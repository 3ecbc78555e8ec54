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
  description: "Paths of any machine as text: absolute `file:` URIs in one canonical form.",
  protocol: null,
};
