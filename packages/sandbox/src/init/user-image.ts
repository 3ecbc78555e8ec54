import type { SeccompArch } from "../seccomp/syscall-numbers.ts";
import { callsOf, type MakeCall } from "./stage-calls.ts";
import { becomeCommand, type Refuse, type StageCommand } from "./stage-command.ts";
import { StageData } from "./stage-data.ts";
import { type StageCall, stageImage } from "./stage-image.ts";

/** What a program is to be that gives up the superuser's rights and becomes a command. */
export interface UserProgram extends StageCommand {
  readonly arch: SeccompArch;
  readonly uid: number;
  readonly gid: number;
  /** All of them: none of the starter's is left. */
  readonly groups: readonly number[];
  /** Absolute native path, as bytes. Entered as the user. */
  readonly cwd: Uint8Array;
  /** Descriptor to close: the program itself. */
  readonly imageFd: number;
  /** Where one {@link UserRefusal} is written when nothing is started. It is closed when the command is. Above `imageFd`. */
  readonly statusFd: number;
}

/** Two bytes: what failed, and the number of the system's error, 0 where it is another one. */
export type UserRefusal = readonly [what: UserRefusalKind, errno: number];

export const USER_REFUSALS = { identity: 1, folder: 2, program: 3 } as const;
export type UserRefusalKind = (typeof USER_REFUSALS)[keyof typeof USER_REFUSALS];

const O_CLOEXEC = 0o2000000n;
/** `struct __user_cap_header_struct` of 64 capabilities, for the caller itself. */
const CAPABILITY_VERSION = 0x2008_0522n;
const SUPERUSER = 0;
const NOT_STARTED = 125n;
/** No descriptor: somewhere to go on at. */
const NOTHING = -1n;
const FOLDER_ERRNOS = [13n, 2n, 20n, 40n, 36n];
const [INSIDE, NOT_THE_USER] = ["inside", "not the user"];

/**
 * A program that becomes a user: groups, then group ids, then user ids, all of them real, effective and saved, and no capability is
 * left. Each step must succeed, or nothing is started. Then it enters the folder and becomes the command, with that user's rights.
 */
export function userImage(program: UserProgram): Uint8Array {
  const data = new StageData();
  const call = callsOf(program.arch);
  const { statusFd, imageFd } = program;
  // A number that is free, and that no command inherits.
  const told = BigInt(statusFd + 1);
  const refusal = (...bytes: UserRefusal): readonly [StageCall, StageCall] => [
    call("write", told, data.bytes(Uint8Array.from(bytes)), BigInt(bytes.length)),
    call("exit_group", NOT_STARTED),
  ];
  const refuse: Refuse = ({ errno }) => refusal(USER_REFUSALS.program, Number(errno));
  const [notTheUser, end] = refusal(USER_REFUSALS.identity, 0);
  const calls = [
    call("dup3", BigInt(statusFd), told, O_CLOEXEC),
    call("close", BigInt(statusFd)),
    call("close", BigInt(imageFd)),
    ...identityCalls(program, call, data),
    ...enterFolder(program.cwd, call, data, (errno) => refusal(USER_REFUSALS.folder, errno)),
    ...becomeCommand(program, call, data, refuse),
    { ...notTheUser, label: NOT_THE_USER },
    end,
  ];
  return stageImage(program.arch, calls, data);
}

function identityCalls({ uid, gid, groups }: UserProgram, call: MakeCall, data: StageData): readonly StageCall[] {
  const [user, group] = [BigInt(uid), BigInt(gid)];
  const list = new Uint32Array(groups);
  const header = data.words([CAPABILITY_VERSION]);
  const nothing = data.bytes(new Uint8Array(24));
  const steps = [
    call("setgroups", BigInt(list.length), data.bytes(new Uint8Array(list.buffer))),
    call("setresgid", group, group, group),
    call("setresuid", user, user, user),
    // The kernel takes them with the ids, unless whoever started the executor told it not to.
    ...(uid === SUPERUSER ? [] : [call("capset", header, nothing)]),
  ];
  return steps.map((step) => ({ ...step, when: { result: 0n, otherwise: NOT_THE_USER } }));
}

/** Entered, or once more for the reason why not. */
function enterFolder(
  cwd: Uint8Array,
  call: MakeCall,
  data: StageData,
  refusal: (errno: number) => readonly [StageCall, StageCall],
): readonly StageCall[] {
  const enter = call("chdir", data.bytes(Buffer.concat([cwd, Buffer.of(0)])));
  const labelOf = (errno: bigint) => `folder ${errno}`;
  const reasoned = (errno: bigint): StageCall[] => {
    const [write, exit] = refusal(Number(errno));
    return [{ ...write, label: labelOf(errno) }, exit];
  };
  return [
    { ...enter, when: { result: 0n, goTo: INSIDE } },
    ...FOLDER_ERRNOS.map((errno) => ({ ...enter, when: { result: -errno, goTo: labelOf(errno) } })),
    ...refusal(0),
    ...FOLDER_ERRNOS.flatMap(reasoned),
    { ...call("close", NOTHING), label: INSIDE },
  ];
}
