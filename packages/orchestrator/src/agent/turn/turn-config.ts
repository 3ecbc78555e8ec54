import type { ReasoningSummary } from "@holdfast/app-server-protocol";
import type { EnvironmentPolicy } from "@holdfast/exec-client";
import type { TomlTable, TomlValue } from "../../config/toml-document.ts";
import { CONTEXT_WINDOW_TOKENS } from "./limits.ts";

/** What turns read of the configuration. */
export interface TurnConfig {
  readonly table: TomlTable;
  readonly verbosity: string | undefined;
  readonly effort: string | undefined;
  readonly summary: ReasoningSummary | undefined;
  readonly serviceTier: string | undefined;
  readonly contextWindow: number;
  /** Tokens at which a conversation is made shorter. Undefined: by the window. */
  readonly compactAt: number | undefined;
  readonly toolOutputTokens: number | undefined;
  readonly docMaxBytes: number | undefined;
  readonly instructionsFile: string | undefined;
  readonly developerInstructions: string | undefined;
  /** What the provider itself may search. Undefined: nothing. */
  readonly webSearch: "cached" | "live" | undefined;
  readonly envPolicy: Partial<EnvironmentPolicy> | undefined;
}

/** Members of another kind than they should be count as if they were not there: who writes them is told so elsewhere. */
export function turnConfig(table: TomlTable): TurnConfig {
  return {
    table,
    verbosity: text(table.model_verbosity),
    effort: text(table.model_reasoning_effort),
    summary: text(table.model_reasoning_summary) as ReasoningSummary | undefined,
    serviceTier: text(table.service_tier),
    contextWindow: count(table.model_context_window) ?? CONTEXT_WINDOW_TOKENS,
    compactAt: count(table.model_auto_compact_token_limit),
    toolOutputTokens: count(table.tool_output_token_limit),
    docMaxBytes: count(table.project_doc_max_bytes),
    instructionsFile: text(table.model_instructions_file),
    developerInstructions: text(table.developer_instructions),
    webSearch: table.web_search === "cached" || table.web_search === "live" ? table.web_search : undefined,
    envPolicy: envPolicyOf(table.shell_environment_policy),
  };
}

function envPolicyOf(value: TomlValue | undefined): Partial<EnvironmentPolicy> | undefined {
  if (typeof value !== "object" || Array.isArray(value) || value instanceof Date) return undefined;
  const policy = value as TomlTable;
  const { inherit, set } = policy;
  return {
    ...(inherit === "all" || inherit === "core" || inherit === "none" ? { inherit } : {}),
    ...(typeof policy.ignore_default_excludes === "boolean"
      ? { ignoreDefaultExcludes: policy.ignore_default_excludes }
      : {}),
    ...(Array.isArray(policy.exclude) ? { exclude: texts(policy.exclude) } : {}),
    ...(Array.isArray(policy.include_only) ? { includeOnly: texts(policy.include_only) } : {}),
    ...(typeof set === "object" && !Array.isArray(set) && !(set instanceof Date)
      ? { set: textsByName(set as TomlTable) }
      : {}),
  };
}

function text(value: TomlValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function count(value: TomlValue | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function texts(values: readonly TomlValue[]): string[] {
  return values.filter((value) => typeof value === "string");
}

function textsByName(table: TomlTable): Record<string, string> {
  const entries = Object.entries(table).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(entries);
}
