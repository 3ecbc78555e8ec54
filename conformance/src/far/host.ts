import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { endChild, ownChild } from "../owned.ts";

/** Programs that the kernel's network namespaces are made and entered by. */
const TOOLS = ["unshare", "nsenter", "ip"];

/** Why there can be no hosts with a network of their own here; undefined where there can. */
export function whyNoHosts(): string | undefined {
  if (process.getuid?.() !== 0) return "only root may make networks";
  if (!existsSync("/dev/net/tun")) return "there is no /dev/net/tun";
  const missing = TOOLS.find((tool) => !isThere(tool));
  return missing === undefined ? undefined : `there is no ${missing}`;
}

function isThere(tool: string): boolean {
  try {
    execFileSync("sh", ["-c", 'command -v "$1"', "sh", tool], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A host as far as the network goes: interfaces, addresses and routes of its own, the files and users of this machine. */
export class Host implements AsyncDisposable {
  readonly #keeper: ChildProcess;

  constructor() {
    // The network lives as long as a process in it.
    this.#keeper = ownChild(
      spawn("unshare", ["--net", "--", "sh", "-c", "echo; exec sleep 86400"], { stdio: ["ignore", "pipe", "inherit"] }),
    );
  }

  /** Resolves when programs can be started on it. */
  async ready(): Promise<void> {
    const { stdout } = this.#keeper;
    if (stdout === null) throw new Error("the host has no pipe");
    const { done } = await stdout[Symbol.asyncIterator]().next();
    if (done === true) throw new Error("no network could be made for a host");
    this.#set("ip", "link", "set", "lo", "up");
  }

  spawn(argv: readonly string[], options: SpawnOptions): ChildProcess {
    const [file = "", ...args] = this.#words(argv);
    return ownChild(spawn(file, args, options));
  }

  /** Take this address for the interface, in place of any other. */
  takeAddress(device: string, address: string): void {
    this.#set("ip", "address", "flush", "dev", device);
    this.#set("ip", "address", "add", address, "dev", device);
    this.#set("ip", "link", "set", device, "up");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endChild(this.#keeper);
  }

  #set(...argv: readonly string[]): void {
    const [file = "", ...args] = this.#words(argv);
    execFileSync(file, args, { stdio: ["ignore", "ignore", "pipe"] });
  }

  #words(argv: readonly string[]): readonly string[] {
    return ["nsenter", `--net=/proc/${this.#keeper.pid}/ns/net`, "--", ...argv];
  }
}
