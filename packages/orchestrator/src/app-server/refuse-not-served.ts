import { ERROR_CODES } from "@holdfast/app-server-protocol";
import { RpcFault } from "@holdfast/rpc";
import { NOT_SERVED } from "./not-served.ts";
import type { HostHandlers } from "./room.ts";

/** Handlers of what is known and not served: each says why. Params are checked before, as of everything else. */
export function refuseNotServed(): Partial<HostHandlers> {
  const refusals = NOT_SERVED.flatMap(({ reason, methods }) =>
    methods.map((method) => [
      method,
      () => {
        throw new RpcFault(ERROR_CODES.MethodNotFound, `${method} is not served: ${reason}`);
      },
    ]),
  );
  return Object.fromEntries(refusals);
}
