import type { ServicePlan } from "./service-plan.ts";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * What launchd has to know of a service: an agent of the user's, which is started with the session and again when it fails.
 *
 * @param home - Where it works and its log is.
 */
export function launchdPlist({ name, options, path, program }: ServicePlan, home: string): string {
  const log = `${home}/Library/Logs/${name}.log`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    "<dict>",
    ...entry("Label", text(name)),
    ...entry("ProgramArguments", [
      "\t<array>",
      ...[...program, "serve", ...options].map((word) => `\t${text(word)}`),
      "\t</array>",
    ]),
    ...(path === undefined
      ? []
      : entry("EnvironmentVariables", [
          "\t<dict>",
          ...entry("PATH", text(path)).map((line) => `\t${line}`),
          "\t</dict>",
        ])),
    ...entry("WorkingDirectory", text(home)),
    ...entry("RunAtLoad", "\t<true/>"),
    ...entry("KeepAlive", [
      "\t<dict>",
      ...entry("SuccessfulExit", "\t<false/>").map((line) => `\t${line}`),
      "\t</dict>",
    ]),
    ...entry("ExitTimeOut", "\t<integer>30</integer>"),
    ...entry("StandardOutPath", text(log)),
    ...entry("StandardErrorPath", text(log)),
    "</dict>",
    "</plist>",
    "",
  ].join("\n");
}

function entry(key: string, value: string | readonly string[]): readonly string[] {
  return [`\t<key>${key}</key>`, ...(typeof value === "string" ? [value] : value)];
}

function text(value: string): string {
  return `\t<string>${value.replaceAll(/[&<>]/g, (character) => ESCAPES[character] ?? character)}</string>`;
}
