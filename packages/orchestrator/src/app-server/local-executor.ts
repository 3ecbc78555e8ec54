import type { Executor } from "@holdfast/exec-client";
import { LOCAL_ENVIRONMENT_ID } from "../environments/environment-definition.ts";
import { isEnvironmentError } from "../environments/environment-error.ts";
import { internalError } from "./faults.ts";
import type { HostServices } from "./host-services.ts";

/** The executor of the machine of this server: what names no environment is done there. @throws RpcFault - −32603: there is none. */
export async function localExecutor({ environments }: Pick<HostServices, "environments">): Promise<Executor> {
  try {
    return await environments.require(LOCAL_ENVIRONMENT_ID).executor();
  } catch (error) {
    throw isEnvironmentError(error) ? internalError(error.message) : error;
  }
}
