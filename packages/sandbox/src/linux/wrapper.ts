import type { SandboxIntent } from "../intent.ts";
import type { LaunchPlan, ProxyRoute, SyntheticTarget } from "../launch-plan.ts";
import type { LinuxMeans } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import { seccompProgram } from "../seccomp/seccomp-program.ts";
import { MAX_PROCESSES, MAX_WRAPPER_ARGUMENTS } from "./limits.ts";

const ARGUMENTS_FD = 3;
const SECCOMP_FD = 4;

/** What a command under bubblewrap gets. */
export interface Confinement {
  /** Words that make its files and namespaces. */
  readonly view: readonly string[];
  readonly seccomp: "restricted" | "proxyOnly" | "vsockRestricted";
  /** Working folder in that view. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly syntheticTargets: readonly SyntheticTarget[];
  readonly proxyRoutes: readonly ProxyRoute[];
}

/**
 * A launch through bubblewrap. Its words go over a descriptor: a long list fits, and nobody reads it in the process table.
 *
 * bubblewrap itself starts with an empty environment and sets that of the command at the end: with `LD_LIBRARY_PATH` of the
 * command it would run code out of a folder that an earlier command could write to, unconfined.
 *
 * @throws SandboxError `unenforceable` for more words than bubblewrap takes, and for a name of its own where it can not give one.
 */
export function wrap(intent: SandboxIntent, means: LinuxMeans, confinement: Confinement): LaunchPlan {
  const { view, seccomp, cwd, env } = confinement;
  const words = [
    // Without a session of its own a command could talk to the terminal of the executor; on a terminal that is its own it
    // needs the session for Ctrl-C and job control.
    ...(intent.tty === true ? [] : ["--new-session"]),
    "--die-with-parent",
    ...view,
    "--cap-drop",
    "ALL",
    "--seccomp",
    String(SECCOMP_FD),
    "--chdir",
    cwd,
    ...environmentWords(env),
    ...nameWords(intent, means),
  ];
  const args = ["--args", String(ARGUMENTS_FD), "--", ...intent.argv];
  refuseTooMany(words.length + args.length);
  return {
    sandboxType: "linuxSeccomp",
    file: means.bubblewrap.path,
    args,
    arg0: undefined,
    env: {},
    cwd: intent.cwd,
    descriptors: [
      { fd: ARGUMENTS_FD, content: new TextEncoder().encode(words.map((word) => `${word}\0`).join("")) },
      { fd: SECCOMP_FD, content: seccompProgram({ arch: means.arch, mode: seccomp }) },
    ],
    syntheticTargets: confinement.syntheticTargets,
    maxProcesses: MAX_PROCESSES,
    proxyRoutes: confinement.proxyRoutes,
  };
}

function environmentWords(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (name !== "" && !name.includes("=")) return ["--setenv", name, value];
    throw new SandboxError("invalid", `'${name}' is no name for an environment variable`);
  });
}

function nameWords({ argv, arg0 }: SandboxIntent, { bubblewrap }: LinuxMeans): string[] {
  if (arg0 === undefined || arg0 === argv[0]) return [];
  if (bubblewrap.supportsArgv0) return ["--argv0", arg0];
  throw new SandboxError(
    "unenforceable",
    `${bubblewrap.path} can not give a command another name (arg0 '${arg0}'); this takes bubblewrap 0.9.0 or newer`,
  );
}

function refuseTooMany(count: number): void {
  if (count <= MAX_WRAPPER_ARGUMENTS) return;
  const limit = `${count} words, bubblewrap takes ${MAX_WRAPPER_ARGUMENTS}`;
  throw new SandboxError("unenforceable", `arguments, environment and permissions together take ${limit}`);
}
