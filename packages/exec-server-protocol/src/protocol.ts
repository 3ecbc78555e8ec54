import type { Protocol } from "@holdfast/protocol-kit";
import { QUICK_NOTICES, QUICK_PARAMS, QUICK_RESULTS } from "./gen/quick-checks.gen.ts";
import { METHOD_SCHEMAS } from "./gen/zod.gen.ts";
import { METHODS, type MethodFamily } from "./methods.ts";

/** The exec-server protocol as data, for the stubs and routers of the kit. */
export const EXEC_SERVER: Protocol<MethodFamily> = {
  name: "exec-server",
  methods: METHODS,
  types: METHOD_SCHEMAS,
  quickParams: { ...QUICK_NOTICES, ...QUICK_PARAMS },
  quickResults: QUICK_RESULTS,
};
