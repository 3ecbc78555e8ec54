import type { Api } from "../api.ts";

const SOURCE = "packages/exec-server-protocol/src";

/** Its methods are spoken on the same connection as those of the exec-server, so that the code is made with theirs. */
export const HOLDFAST: Api = {
  name: "holdfast",
  source: {
    kind: "authored",
    package: "@holdfast/exec-server-protocol",
    files: [`${SOURCE}/types/holdfast`],
    brands: {},
  },
  schemas: "schemas/holdfast",
  description:
    "What Holdfast adds to the exec-server protocol, on the same connection and in the same envelope. Each method needs a " +
    "capability that the executor reports in `environment/info`; peers that lack it never see one.",
  protocol: {
    release: "0.171.0",
    version: "1.0.0",
    envelope: "EnvelopeMessage",
    fixtures: "fixtures",
    roles: { client: "client", server: "executor" },
    tables: {
      methods: `${SOURCE}/holdfast-methods.ts`,
      errors: `${SOURCE}/errors.ts`,
      limits: `${SOURCE}/limits.ts`,
      limitRows: `${SOURCE}/limit-table.ts`,
    },
    code: null,
    docs: null,
  },
};
