import type { MockModel } from "./mock-model.ts";

/**
 * The `config.toml` that has a release work with a scripted model.
 *
 * @param top - Further lines before the first table.
 * @param tables - Further tables.
 */
export function mockModelConfig(model: MockModel, top = "", tables = ""): string {
  return `${top}
model = "gpt-5.1-codex"
model_provider = "mock"
[model_providers.mock]
name = "mock"
base_url = "${model.baseUrl}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
[analytics]
enabled = false
${tables}`;
}
