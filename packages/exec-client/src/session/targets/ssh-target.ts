import { type FramePort, shownUrl } from "@holdfast/rpc";
import { anything, checkOptions, commandLine, type DialOptions, flag, type OptionChecks } from "@holdfast/rpc/client";
import { InvalidArgumentError } from "../../errors.ts";
import type { SshTarget } from "../../ssh/ssh-target.ts";
import { sshDestination } from "../../ssh/ssh-url.ts";

const SSH_TARGET: OptionChecks<SshTarget> = {
  ssh: anything,
  command: commandLine,
  interactive: flag,
  program: anything,
};

/** @throws InvalidArgumentError */
export function checkSshTarget(target: SshTarget): void {
  const url = URL.parse(String(target.ssh));
  if (url?.protocol !== "ssh:") {
    const shown = shownUrl(String(target.ssh));
    throw new InvalidArgumentError("target", `target.ssh must be an ssh: URL, not ${shown}`);
  }
  sshDestination(url);
  checkOptions(target, SSH_TARGET, "connect (by ssh)");
}

/** @throws LinkError `closed`, `timeout` or `aborted`, delivery `not-sent`. */
export async function dialSshTarget(target: SshTarget, options: DialOptions): Promise<FramePort> {
  const { dialSsh } = await import("../../ssh/dial-ssh.ts");
  return await dialSsh(target, options);
}
