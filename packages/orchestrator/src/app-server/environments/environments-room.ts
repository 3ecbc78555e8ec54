import type { EnvironmentInfoResponse } from "@holdfast/app-server-protocol";
import { InvalidArgumentError } from "@holdfast/rpc/client";
import { isEnvironmentError } from "../../environments/environment-error.ts";
import { internalError, invalidRequest } from "../faults.ts";
import type { HostServices } from "../host-services.ts";
import type { Room } from "../room.ts";

/** Where work is done: told of, and added to. */
export function environmentsRoom({ environments }: HostServices): Room {
  return {
    handlers: {
      "environment/add": ({ environmentId, execServerUrl, connectTimeoutMs, authBearerToken, skills }) => {
        try {
          environments.register({
            id: environmentId,
            url: execServerUrl,
            // None at all is one that is over at once.
            connectTimeoutMs: typeof connectTimeoutMs === "number" ? Math.max(1, connectTimeoutMs) : undefined,
            bearerToken: authBearerToken ?? undefined,
            requiredSkills: skills?.required ?? undefined,
          });
        } catch (error) {
          const isRefusal = isEnvironmentError(error) || error instanceof InvalidArgumentError;
          throw isRefusal ? invalidRequest(error.message) : error;
        }
        return {};
      },
      "environment/info": async ({ environmentId }, { signal }): Promise<EnvironmentInfoResponse> => {
        const handle = environments.get(environmentId);
        if (handle === undefined) throw invalidRequest(`unknown environment id \`${environmentId}\``);
        try {
          const { environment } = await handle.executor(signal);
          return { shell: environment.shell, cwd: environment.cwd ?? null };
        } catch (error) {
          if (!isEnvironmentError(error)) throw error;
          throw internalError(`failed to get info for environment \`${environmentId}\`: ${error.message}`, error);
        }
      },
      "environment/status": ({ environmentId }) => {
        const { status, error } = environments.report(environmentId);
        return error === undefined ? { status } : { status, error };
      },
    },
  };
}
