import type { EnvironmentInfo, EnvironmentStatusResult } from "@holdfast/exec-server-protocol";

/** `environment/*`. */
export function environmentHandlers(info: EnvironmentInfo) {
  return {
    "environment/info": () => info,
    "environment/status": (): EnvironmentStatusResult => ({ status: "ready" }),
  };
}
