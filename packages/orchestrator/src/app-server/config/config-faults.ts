import { McpConfigError } from "@holdfast/mcp/config";
import { ConfigError, ConfigWriteError } from "../../config/config-error.ts";
import { internalError, invalidRequest } from "../faults.ts";

/** What clients are told of a configuration that can not be read. @param doing - What was done, such as `failed to load configuration`. */
export function readFault(error: unknown, doing: string): unknown {
  return error instanceof ConfigError || error instanceof McpConfigError || error instanceof ConfigWriteError
    ? internalError(`${doing}: ${error.message}`, error)
    : error;
}

/** What clients are told of a change that was refused. */
export function writeFault(error: unknown): unknown {
  return error instanceof ConfigWriteError
    ? invalidRequest(error.message, { config_write_error_code: error.code })
    : readFault(error, "failed to load configuration");
}
