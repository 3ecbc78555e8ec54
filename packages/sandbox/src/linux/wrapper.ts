import { initImage } from "../init/init-image.ts";
import type { SandboxIntent } from "../intent.ts";
import type { LaunchPlan, MountProof, PinnedPlace, ProxyChannel, ProxyRoute, SyntheticTarget } from "../launch-plan.ts";
import type { LinuxMeans } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import { seccompProgram } from "../seccomp/seccomp-program.ts";
import type { UserNamespaces } from "../seccomp/seccomp-rules.ts";
import { MAX_PROCESSES, MAX_WRAPPER_ARGUMENTS } from "./limits.ts";
import type { PlannedLimits } from "./planned-limits.ts";

const ARGUMENTS_FD = 3;
const SECCOMP_FD = 4;
const STAGE_FD = 5;
/** To read and write files of every user, and to change their rights and times. */
export const FILE_RIGHTS = ["CAP_DAC_OVERRIDE", "CAP_FOWNER"] as const;
const CHANNEL: ProxyChannel = { socketFd: 6, doneFd: 7 };
/** One for each hierarchy that there may be limits in: above the channel, so that they are open when the stage comes to them. */
export const GROUP_FDS = [8, 9] as const;

/** How a view shows the program that becomes the command: by its descriptor in `/proc`, or as a file below `/dev`. */
export type StagePlace = "proc" | "dev";

/** What a command under bubblewrap gets. */
export interface Confinement {
  /** Words that make its files and namespaces. */
  readonly view: readonly string[];
  readonly seccomp: "restricted" | "proxyOnly" | "vsockRestricted";
  /** Who keeps user namespaces from being made. */
  readonly userNamespaces: UserNamespaces;
  /** Working folder in that view. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where that view shows the descriptors of a process, or devices of its own. */
  readonly stagePlace: StagePlace;
  /** Words that have to come after everything that is mounted. */
  readonly last: readonly string[];
  /** Does the superuser keep its rights to the files of others that the view shows? */
  readonly keepsFileRights: boolean;
  readonly syntheticTargets: readonly SyntheticTarget[];
  readonly proofs: readonly MountProof[];
  readonly pinned: readonly PinnedPlace[];
  readonly proxyRoutes: readonly ProxyRoute[];
  readonly limits: PlannedLimits;
}

/**
 * A launch through bubblewrap. Its words go over a descriptor: a long list fits, and other users can not read it in the process table.
 *
 * bubblewrap runs a stage, which becomes the command: it knows the command's name for itself, takes the terminal for a
 * session in which nothing but the command is, and limits how many processes there may be. bubblewrap itself starts with
 * an empty environment: with `LD_LIBRARY_PATH` of the command it would run code out of a folder that an earlier command could
 * write to, unconfined.
 *
 * @throws SandboxError `unenforceable` for more words than bubblewrap takes, `invalid` for a variable that has no name.
 */
export function wrap(intent: SandboxIntent, means: LinuxMeans, uid: number, confinement: Confinement): LaunchPlan {
  const { view, seccomp, userNamespaces, cwd, env, proxyRoutes } = confinement;
  const { groups } = confinement.limits;
  refuseNameless(env);
  const stage = stageWords(confinement.stagePlace);
  const words = [
    // Without a session of its own a command could talk to a terminal of the starter.
    "--new-session",
    "--die-with-parent",
    ...view,
    "--cap-drop",
    "ALL",
    ...(confinement.keepsFileRights ? FILE_RIGHTS.flatMap((capability) => ["--cap-add", capability]) : []),
    "--seccomp",
    String(SECCOMP_FD),
    "--chdir",
    cwd,
    ...stage.mount,
    ...confinement.last,
  ];
  const args = ["--args", String(ARGUMENTS_FD), "--", stage.path];
  refuseTooMany(words.length + args.length);
  const isLimited = intent.limits?.processes !== undefined;
  const image = initImage({
    arch: means.arch,
    argv: intent.argv,
    arg0: intent.arg0,
    env,
    // As bubblewrap would say.
    pwd: cwd,
    ports: proxyRoutes.map(({ innerPort }) => innerPort),
    channelFd: CHANNEL.socketFd,
    doneFd: CHANNEL.doneFd,
    ownsTerminal: intent.tty,
    maxProcesses: uid === 0 || isLimited ? undefined : MAX_PROCESSES,
    limits: confinement.limits.stage,
    proofs: confinement.proofs,
  });
  return {
    sandboxType: "linuxSeccomp",
    wraps: true,
    file: means.bubblewrap.path,
    args,
    arg0: undefined,
    env: {},
    cwd: intent.cwd,
    descriptors: [
      { fd: ARGUMENTS_FD, content: new TextEncoder().encode(words.map((word) => `${word}\0`).join("")) },
      { fd: SECCOMP_FD, content: seccompProgram({ arch: means.arch, mode: seccomp, userNamespaces }) },
      { fd: STAGE_FD, content: image },
    ],
    syntheticTargets: confinement.syntheticTargets,
    pinned: confinement.pinned,
    // The system's own limit does not bind the superuser.
    maxProcesses: uid === 0 && !isLimited ? MAX_PROCESSES : undefined,
    proxyRoutes,
    ...(groups.length === 0 ? {} : { groups }),
    ...(proxyRoutes.length === 0 ? {} : { proxyChannel: CHANNEL }),
  };
}

function stageWords(place: StagePlace): { readonly path: string; readonly mount: readonly string[] } {
  if (place === "proc") return { path: `/proc/self/fd/${STAGE_FD}`, mount: [] };
  const path = "/dev/stage";
  return { path, mount: ["--perms", "0755", "--ro-bind-data", String(STAGE_FD), path] };
}

function refuseNameless(env: Readonly<Record<string, string>>): void {
  const nameless = Object.keys(env).find((name) => name === "" || name.includes("="));
  if (nameless === undefined) return;
  throw new SandboxError("invalid", `'${nameless}' is no name for an environment variable`);
}

function refuseTooMany(count: number): void {
  if (count <= MAX_WRAPPER_ARGUMENTS) return;
  const limit = `${count} words, bubblewrap takes ${MAX_WRAPPER_ARGUMENTS}`;
  throw new SandboxError("unenforceable", `the permissions take ${limit}`);
}
