import type { LateTypes, Protocol, TypesByMethod } from "@holdfast/protocol-kit";
import { QUICK_NOTICES } from "./gen/quick-checks.gen.ts";
import { METHODS } from "./methods.ts";

/**
 * The app-server protocol as data, for the stubs and routers of the kit.
 *
 * @param types - Clients load them late: they are most of what there is to load, and a client that has not talked needs none.
 */
export function appServerProtocol(types: TypesByMethod | LateTypes): Protocol {
  return {
    name: "app-server",
    methods: METHODS,
    types,
    quickParams: QUICK_NOTICES,
    quickResults: {},
    newerServers: "tolerated",
    noParams: "absent",
    missingParams: "missing field `params`",
  };
}
