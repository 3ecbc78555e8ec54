import type { McpServerConfig, McpServerView } from "@holdfast/mcp";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_OK, reasonOf } from "../command-line/failure.ts";
import { printable, printableJson, printableLines } from "../command-line/printable.ts";
import { openExecutor } from "../executor/open-executor.ts";
import { shownExecutor } from "../executor/shown-executor.ts";
import { openServers } from "./open-servers.ts";
import { servedPlace } from "./served-place.ts";
import { type ServerConfigs, serverConfigs } from "./server-configs.ts";
import { sandboxOptions } from "./tool-sandbox.ts";
import { whyNot } from "./why-not.ts";

/** One thing that was looked at. */
interface Finding {
  readonly name: string;
  readonly isOk: boolean;
  readonly detail: string;
  /** What mends it, where it is not. */
  readonly mend?: string | undefined;
}

/** `holdfast mcp doctor` */
export async function doctor(context: Context, args: Arguments): Promise<number> {
  const findings = [await serving(context, args), ...(await configured(context, args))];
  const isReady = findings.every(({ isOk }) => isOk);
  const told = args.has("json") ? printableJson({ ready: isReady, checks: findings.map(toJson) }) : toText(findings);
  context.stdout.write(printableLines(told));
  return isReady ? EXIT_OK : EXIT_FAILURE;
}

/** Whether `holdfast mcp serve` would work here, with the same options. */
async function serving(context: Context, args: Arguments): Promise<Finding> {
  const name = "mcp serve";
  const sandbox = sandboxOptions(args);
  try {
    await using opened = await openExecutor(context, args);
    const id = opened.url === undefined ? "this machine" : shownExecutor(opened.url);
    const how = { id, folder: args.text("cwd"), folderOption: "--cwd", sandbox };
    const { refusal, caution, sandboxText } = await servedPlace(opened.executor, how);
    if (refusal !== undefined) {
      return { name, isOk: false, detail: `nothing can be confined on ${id}: ${refusal}`, mend: "holdfast doctor" };
    }
    if (caution !== undefined) {
      return { name, isOk: false, detail: `it only reads: ${caution}`, mend: "holdfast mcp serve --cwd FOLDER" };
    }
    return { name, isOk: true, detail: `on ${id}, ${sandboxText ?? "not confined"}` };
  } catch (error) {
    return { name, isOk: false, detail: reasonOf(error) };
  }
}

/** The servers that a client here would start. */
async function configured(context: Context, args: Arguments): Promise<readonly Finding[]> {
  let configs: ServerConfigs;
  try {
    configs = await serverConfigs(context, args);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return [{ name: "configuration", isOk: false, detail: error.message }];
  }
  const [, only] = args.positionals;
  const { file, servers, warnings } = configs;
  const chosen = servers.filter(({ name }) => only === undefined || name === only);
  if (only !== undefined && chosen.length === 0) {
    return [{ name: only, isOk: false, detail: `there is no such server in ${file}` }];
  }
  await using opened = await openServers(context, chosen);
  const { current } = opened.servers;
  await current.started();
  const views = new Map(current.servers().map((view) => [view.name, view]));
  return [
    {
      name: "configuration",
      isOk: warnings.length === 0,
      detail: [`${servers.length} servers in ${file}`, ...warnings].join("; "),
    },
    ...chosen.map((config) => serverFinding(config, views.get(config.name))),
  ];
}

function serverFinding({ name, environmentId }: McpServerConfig, view: McpServerView | undefined): Finding {
  if (view === undefined) return { name, isOk: true, detail: "not enabled" };
  if (view.state !== "ready") return { name, isOk: false, detail: whyNot(view) };
  const { info, tools } = view;
  const told = info === undefined ? "" : `${info.name} ${info.version}, `;
  return { name, isOk: true, detail: `${told}${tools.length} tools, on ${environmentId}` };
}

function toJson({ name, isOk, detail, mend }: Finding) {
  return { name, state: isOk ? "ok" : "failed", detail, mend: mend ?? null };
}

function toText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  return findings
    .map(({ name, isOk, detail, mend }) => {
      const head = `${(isOk ? "ok" : "failed").padEnd(6)}  ${printable(name).padEnd(width)}  ${printable(detail)}\n`;
      return mend === undefined ? head : `${head}        ${" ".repeat(width)}  to mend it: ${mend}\n`;
    })
    .join("");
}
