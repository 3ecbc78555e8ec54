import { homedir } from "node:os";
import { join } from "node:path";
import { canSendDatagrams } from "@holdfast/executor";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_FAILURE, EXIT_OK, UsageError } from "../command-line/failure.ts";
import { onOneLine, printableJson, printableLines } from "../command-line/printable.ts";
import { ownFolder } from "../own-folder.ts";
import { launchdPlist } from "./launchd-plist.ts";
import { ServiceManager } from "./manager.ts";
import { runTool } from "./run-tool.ts";
import { checkedName, PASSED_SOCKET, type ServicePlan, servicePlan } from "./service-plan.ts";
import { enabledUnit, systemdUnits } from "./systemd-unit.ts";
import { ownUnits, removeUnits, writeUnits } from "./unit-files.ts";

const ACTIONS = ["install", "uninstall", "status", "logs"] as const;
type Action = (typeof ACTIONS)[number];

/** Options that one action has for itself. */
const OWN_OPTIONS: Readonly<Record<string, Action>> = {
  config: "install",
  socket: "install",
  as: "install",
  print: "install",
  follow: "logs",
  lines: "logs",
  json: "status",
};

const DEFAULT_NAME = "holdfast";
const DEFAULT_LINES = "100";

/** `holdfast service` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const action = actionOf(args);
  const name = checkedName(args.text("name") ?? DEFAULT_NAME);
  const manager = new ServiceManager(args.has("system") ? "system" : "user", context.env);
  switch (action) {
    case "install":
      return install(planOf(name, context, args), context, args, manager);
    case "uninstall":
      return uninstall(name, context, manager);
    case "status":
      return status(name, context, args, manager);
    case "logs":
      return logs(name, args, manager);
  }
}

function actionOf(args: Arguments): Action {
  const [word = ""] = args.positionals;
  const action = ACTIONS.find((each) => each === word);
  if (action === undefined) throw new UsageError(`'${word}' is none of ${ACTIONS.join(", ")}`);
  for (const [option, owner] of Object.entries(OWN_OPTIONS)) {
    if (owner !== action && (args.has(option) || args.text(option) !== undefined)) {
      throw new UsageError(`--${option} is for ${owner}, not for ${action}`);
    }
  }
  if (action !== "install" && args.command.length > 0) throw new UsageError("options after -- are for install");
  return action;
}

function planOf(name: string, context: Context, args: Arguments): ServicePlan {
  const words = {
    config: args.text("config"),
    socket: args.text("socket"),
    isSystem: args.has("system"),
    user: args.text("as"),
    serveOptions: args.command,
  };
  const program = [process.execPath, join(ownFolder(), "bin", "holdfast.mjs")] as const;
  const { PATH: path } = context.env;
  return servicePlan(name, words, { cwd: context.cwd, path, program, canNotify: canSendDatagrams() });
}

async function install(plan: ServicePlan, context: Context, args: Arguments, manager: ServiceManager): Promise<number> {
  const isMac = process.platform === "darwin";
  if (args.has("print")) {
    const home = context.env.HOME ?? homedir();
    const text = isMac
      ? launchdPlist(plan, home)
      : systemdUnits(plan)
          .map(({ name, text }) => `# ${name}\n${text}`)
          .join("\n");
    context.stdout.write(printableLines(text));
    return EXIT_OK;
  }
  if (isMac) {
    const file = `~/Library/LaunchAgents/${plan.name}.plist`;
    throw new CommandFailure(
      `launchd is left to you: holdfast service install --print >${file}, then launchctl bootstrap gui/$(id -u) ${file}`,
    );
  }
  await manager.check();
  await checkOptions(plan, context);
  await writeUnits(manager.folder, systemdUnits(plan));
  await manager.run("daemon-reload");
  await manager.run("enable", enabledUnit(plan));
  // A service that runs already gets its new options.
  await manager.run("restart", enabledUnit(plan));
  const own = plan.scope === "user" ? "" : " --system";
  const named = plan.name === DEFAULT_NAME ? "" : ` --name ${plan.name}`;
  context.stdout.write(
    printableLines(
      `${enabledUnit(plan)} runs; see holdfast service status${own}${named}, and logs for where it listens\n`,
    ),
  );
  return EXIT_OK;
}

/** What `serve` would refuse is told now, and not by a service that does not start. */
async function checkOptions({ options, program, socket }: ServicePlan, { env }: Context): Promise<void> {
  // No socket is passed yet: who may connect is a matter of where it will be.
  const checked = options.map((word) => (word === PASSED_SOCKET ? (socket?.url ?? word) : word));
  const { code, stderr } = await runTool([...program, "serve", "--check", ...checked], { ...env });
  if (code === 0) return;
  const reason = onOneLine(stderr.trim()).replace(/^holdfast serve: /, "");
  throw new CommandFailure(`serve would not start: ${reason}`, { exitCode: code });
}

async function uninstall(name: string, context: Context, manager: ServiceManager): Promise<number> {
  const units = await ownUnits(manager.folder, [`${name}.socket`, `${name}.service`]);
  if (units.length === 0)
    throw new CommandFailure(`there is no service ${name} in ${manager.folder}; --name says another one`);
  await manager.check();
  await manager.run("disable", "--now", ...units);
  await removeUnits(manager.folder, units);
  await manager.run("daemon-reload");
  context.stdout.write(printableLines(`${units.join(" and ")} removed\n`));
  return EXIT_OK;
}

/** Of the service, by the names of systemd. */
const STATE = [
  "LoadState",
  "ActiveState",
  "SubState",
  "MainPID",
  "NRestarts",
  "ActiveEnterTimestamp",
  "FragmentPath",
  "StatusText",
  "Result",
];

async function status(name: string, context: Context, args: Arguments, manager: ServiceManager): Promise<number> {
  await manager.check();
  const service = await manager.properties(`${name}.service`, STATE);
  const socket = await manager.properties(`${name}.socket`, ["LoadState", "ActiveState", "Listen"]);
  const isSocketUp = socket.LoadState === "loaded" && socket.ActiveState === "active";
  const report = {
    name,
    installed: service.LoadState === "loaded",
    state: service.ActiveState ?? "unknown",
    detail: service.SubState ?? "unknown",
    says: service.StatusText || null,
    pid: Number(service.MainPID ?? 0) || null,
    since: service.ActiveEnterTimestamp || null,
    restarts: Number(service.NRestarts ?? 0),
    result: service.Result ?? null,
    socket: isSocketUp ? (socket.Listen ?? "").replace(/ \(Stream\)$/, "") : null,
    unit: service.FragmentPath || null,
  };
  context.stdout.write(printableLines(args.has("json") ? printableJson(report) : statusText(report)));
  return report.state === "active" || (isSocketUp && report.state !== "failed") ? EXIT_OK : EXIT_FAILURE;
}

function statusText(report: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(report).filter(([, value]) => value !== null);
  return rows
    .map(([key, value]) => `${key.padEnd(10)}${value === true ? "yes" : value === false ? "no" : value}\n`)
    .join("");
}

async function logs(name: string, args: Arguments, manager: ServiceManager): Promise<number> {
  const lines = args.text("lines") ?? DEFAULT_LINES;
  if (!/^\d+$/.test(lines)) throw new UsageError(`--lines must be a whole number, not '${lines}'`);
  await manager.check();
  const words = [`--lines=${lines}`, ...(args.has("follow") ? ["--follow"] : [])];
  return (await manager.showLogs(`${name}.service`, words)) === 0 ? EXIT_OK : EXIT_FAILURE;
}
