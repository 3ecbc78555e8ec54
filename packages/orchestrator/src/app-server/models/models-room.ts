import { configuredProviders, DEFAULT_PROVIDER, textMember } from "../../agent/model/configured-models.ts";
import { invalidChange } from "../../config/config-error.ts";
import type { TomlTable } from "../../config/toml-document.ts";
import { readFault, writeFault } from "../config/config-faults.ts";
import { invalidRequest } from "../faults.ts";
import type { HostServices } from "../host-services.ts";
import { pageOf } from "../page.ts";
import type { Room } from "../room.ts";
import { listedModels } from "./listed-models.ts";
import { builtInProvider, providerEdits, providerSummary } from "./model-provider-config.ts";

/** Models and who provides them, as far as the configuration names them. */
export function modelsRoom({ config }: HostServices): Room {
  const table = async (): Promise<TomlTable> => {
    try {
      return await config.table();
    } catch (error) {
      throw readFault(error, "failed to reload config");
    }
  };
  return {
    handlers: {
      "model/list": async (params) => {
        const root = await table();
        checkProvider(root, params.modelProvider ?? undefined);
        return pageOf(listedModels(root), params, "models");
      },
      "modelProvider/list": async () => {
        const root = await table();
        const own = [...configuredProviders(root)].map(([id, each]) => providerSummary(id, each));
        const data = own.some(({ id }) => id === DEFAULT_PROVIDER) ? own : [...own, builtInProvider(root)];
        return {
          data: data.sort((one, other) => (one.id < other.id ? -1 : 1)),
          defaultProviderId: textMember(root, "model_provider") ?? DEFAULT_PROVIDER,
          canChangeDefault: true,
        };
      },
      // Models are offered neither of them here.
      "modelProvider/capabilities/read": () => ({ imageGeneration: false, webSearch: false }),
      "modelProvider/default/set": async ({ providerId }) => {
        const root = await table();
        try {
          if (!isConfigured(root, providerId)) {
            throw invalidChange(`Model provider \`${providerId}\` is not configured.`);
          }
          const edits = [{ keyPath: "model_provider", value: providerId, mergeStrategy: "replace" as const }];
          const { version } = await config.write({ edits });
          return { status: "ok", version, filePath: config.file, overriddenMetadata: null };
        } catch (error) {
          throw writeFault(error);
        }
      },
      "modelProvider/config/write": async ({ settings }) => {
        const taken = new Set(configuredProviders(await table()).keys());
        try {
          const { id, edits } = providerEdits(settings, taken);
          await config.write({ edits });
          return { provider: providerSummary(id, configuredProviders(await table()).get(id) ?? {}) };
        } catch (error) {
          throw writeFault(error);
        }
      },
    },
  };
}

function checkProvider(root: TomlTable, id: string | undefined): void {
  if (id === undefined || isConfigured(root, id)) return;
  const what = `This chat uses model provider “${id}”, which is no longer configured.`;
  const advice = "Restore this provider’s configuration to continue.";
  throw invalidRequest(`${what} ${advice}`, { type: "modelProviderNotConfigured", modelProvider: id });
}

function isConfigured(root: TomlTable, id: string): boolean {
  return id === DEFAULT_PROVIDER || configuredProviders(root).has(id);
}
