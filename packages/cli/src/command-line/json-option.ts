import type { OptionSpec } from "./command-spec.ts";

export const JSON_OPTION: OptionSpec = { kind: "switch", about: "print JSON" };
