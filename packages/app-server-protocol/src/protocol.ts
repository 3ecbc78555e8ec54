import type { Protocol } from "@holdfast/protocol-kit";
import { QUICK_NOTICES } from "./gen/quick-checks.gen.ts";
import { METHOD_SCHEMAS } from "./gen/zod.gen.ts";
import { METHODS } from "./methods.ts";

/** The app-server protocol as data, for the stubs and routers of the kit. */
export const APP_SERVER: Protocol = {
  name: "app-server",
  methods: METHODS,
  types: METHOD_SCHEMAS,
  quickParams: QUICK_NOTICES,
  quickResults: {},
  noParams: "absent",
  missingParams: "missing field `params`",
};
