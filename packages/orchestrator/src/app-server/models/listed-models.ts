import type { Model, ReasoningEffortOption } from "@holdfast/app-server-protocol";
import { configuredModels, textMember } from "../../agent/model/configured-models.ts";
import type { TomlTable } from "../../config/toml-document.ts";

const EFFORTS: ReasoningEffortOption[] = [
  { reasoningEffort: "minimal", description: "Answers at once" },
  { reasoningEffort: "low", description: "Thinks a little" },
  { reasoningEffort: "medium", description: "Thinks as much as most work needs" },
  { reasoningEffort: "high", description: "Thinks for long about hard work" },
];
const DEFAULT_EFFORT = "medium";

/** The models of a configuration, as clients let their users choose. Never empty. What a model can do is not known here: every effort that there is can be asked for. */
export function listedModels(config: TomlTable): readonly Model[] {
  const effort = textMember(config, "model_reasoning_effort") ?? DEFAULT_EFFORT;
  const isKnown = EFFORTS.some(({ reasoningEffort }) => reasoningEffort === effort);
  const supportedReasoningEfforts = isKnown
    ? EFFORTS
    : [...EFFORTS, { reasoningEffort: effort, description: "As it is configured" }];
  return configuredModels(config).map((name, index) => ({
    id: name,
    model: name,
    upgrade: null,
    upgradeInfo: null,
    availabilityNux: null,
    displayName: name,
    description: index === 0 ? "The model of this configuration" : "Named in this configuration",
    modelSpecialty: null,
    hidden: false,
    supportedReasoningEfforts,
    defaultReasoningEffort: effort,
    inputModalities: ["text", "image"],
    supportsPersonality: false,
    multiAgentVersion: null,
    additionalSpeedTiers: [],
    serviceTiers: [],
    defaultServiceTier: null,
    availableAccessPrograms: null,
    isDefault: index === 0,
  }));
}
