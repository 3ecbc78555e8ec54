import { resolve } from "node:path";
import type {
  ConfigEdit,
  ConfigReadParams,
  ConfigReadResponse,
  ConfigValueWriteParams,
  ConfigWriteResponse,
} from "@holdfast/app-server-protocol";
import { ConfigWriteError } from "../../config/config-error.ts";
import { type ConfigLayer, effectiveTable, originsOf } from "../../config/config-layers.ts";
import { configProblem } from "../../config/config-shape.ts";
import type { TomlValue } from "../../config/toml-document.ts";
import { jsonOf } from "../../config/toml-values.ts";
import { internalError } from "../faults.ts";
import type { HostServices } from "../host-services.ts";
import type { Room } from "../room.ts";
import { readFault, writeFault } from "./config-faults.ts";

/** Which file is to be changed, and what it has to be. */
type WriteTarget = Pick<ConfigValueWriteParams, "filePath" | "expectedVersion">;

/** Reads and changes the configuration. */
export function configRoom(services: HostServices): Room {
  const { mcp } = services;
  return {
    handlers: {
      "config/read": (params) => read(services, params),
      "config/value/write": ({ keyPath, value, mergeStrategy, ...target }) =>
        write(services, [{ keyPath, value, mergeStrategy }], target),
      // `reloadUserConfig` asks for what is done in any case: whatever begins from now on reads it anew.
      "config/batchWrite": ({ edits, ...target }) => write(services, edits, target),
      "config/mcpServer/reload": async () => {
        try {
          await mcp.configured();
        } catch (error) {
          throw readFault(error, "failed to reload config");
        }
        mcp.reload();
        return {};
      },
    },
  };
}

async function read(
  { config, cwd: own }: HostServices,
  { cwd, includeLayers = false }: ConfigReadParams,
): Promise<ConfigReadResponse> {
  let layers: readonly ConfigLayer[];
  try {
    layers = await config.layers({ cwd: typeof cwd === "string" ? resolve(own, cwd) : undefined });
  } catch (error) {
    throw readFault(error, "failed to read configuration layers");
  }
  const effective = effectiveTable(layers);
  const problem = configProblem(effective);
  if (problem !== undefined) throw internalError(`invalid configuration: ${problem}`);
  const shown = layers.map(({ source, version, table, disabledReason }) => ({
    name: source,
    version,
    config: jsonOf(table as TomlValue),
    ...(disabledReason === undefined ? {} : { disabledReason }),
  }));
  return {
    config: jsonOf(effective as TomlValue) as ConfigReadResponse["config"],
    origins: originsOf(layers),
    // Those that count most first.
    layers: includeLayers ? shown.reverse() : null,
  };
}

async function write(
  { config }: HostServices,
  edits: readonly ConfigEdit[],
  { filePath, expectedVersion }: WriteTarget,
): Promise<ConfigWriteResponse> {
  try {
    if (typeof filePath === "string" && filePath !== config.file) {
      throw new ConfigWriteError("configLayerReadonly", "Only writes to the user config are allowed");
    }
    const { version } = await config.write({ edits, expectedVersion: expectedVersion ?? undefined });
    return { status: "ok", version, filePath: config.file, overriddenMetadata: null };
  } catch (error) {
    throw writeFault(error);
  }
}
