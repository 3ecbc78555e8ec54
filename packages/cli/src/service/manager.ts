import { homedir } from "node:os";
import { join } from "node:path";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { onOneLine } from "../command-line/printable.ts";
import { runTool, showTool, type ToolResult } from "./run-tool.ts";
import type { ServicePlan } from "./service-plan.ts";

const TOOL_MISSING = 127;

/** systemd, the user's or the machine's, by its own programs. */
export class ServiceManager {
  readonly scope: ServicePlan["scope"];
  /** Where its units are kept. */
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(scope: ServicePlan["scope"], env: Readonly<Record<string, string | undefined>>) {
    this.scope = scope;
    this.#env = { ...env };
    const config = env.XDG_CONFIG_HOME;
    const ofUser = config?.startsWith("/") === true ? config : join(env.HOME ?? homedir(), ".config");
    this.folder = scope === "system" ? "/etc/systemd/system" : join(ofUser, "systemd", "user");
  }

  /** @throws CommandFailure there is no such manager, or it can't be reached. */
  async check(): Promise<void> {
    const { code, stderr } = await this.#systemctl("show", "--property=Version");
    if (code === 0) return;
    const whose = this.scope === "user" ? "no service manager of this session" : "no systemd";
    const reason = code === TOOL_MISSING ? "there is no systemctl" : reasonOf(onOneLine(stderr.trim()));
    throw new CommandFailure(
      `${whose} can be reached here: ${reason}; holdfast service install --print writes the unit to stdout`,
    );
  }

  /** @throws CommandFailure with what it says. */
  async run(...words: readonly string[]): Promise<string> {
    const { code, stderr, stdout } = await this.#systemctl(...words);
    if (code === 0) return stdout;
    throw new CommandFailure(`systemctl ${words.join(" ")} failed: ${onOneLine(stderr.trim())}`);
  }

  /** The settings and the state of a unit, by their names. */
  async properties(unit: string, names: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const text = await this.run("show", unit, ...names.map((name) => `--property=${name}`));
    const pairs = text.split("\n").filter((line) => line.includes("="));
    return Object.fromEntries(
      pairs.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
  }

  /** Have the journal of a unit printed to this program's own output. @returns the exit code. */
  showLogs(unit: string, words: readonly string[]): Promise<number> {
    const own = this.scope === "user" ? [`--user-unit=${unit}`] : [`--unit=${unit}`];
    return showTool(["journalctl", "--no-pager", "--output=cat", ...own, ...words], this.#env);
  }

  #systemctl(...words: readonly string[]): Promise<ToolResult> {
    return runTool(["systemctl", ...(this.scope === "user" ? ["--user"] : []), "--no-pager", ...words], this.#env);
  }
}
