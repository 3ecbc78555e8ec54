import type { ProbeHost } from "./probe-host.ts";

const INSTALL_COMMANDS: Readonly<Record<string, string>> = {
  debian: "sudo apt install bubblewrap",
  ubuntu: "sudo apt install bubblewrap",
  fedora: "sudo dnf install bubblewrap",
  rhel: "sudo dnf install bubblewrap",
  arch: "sudo pacman -S bubblewrap",
  alpine: "sudo apk add bubblewrap",
  suse: "sudo zypper install bubblewrap",
  nixos: "nix-env -iA nixos.bubblewrap",
};

const SWITCHES = [
  {
    file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    blocking: "1",
    remedy: "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
  },
  {
    file: "/proc/sys/kernel/unprivileged_userns_clone",
    blocking: "0",
    remedy: "sudo sysctl -w kernel.unprivileged_userns_clone=1",
  },
  {
    file: "/proc/sys/user/max_user_namespaces",
    blocking: "0",
    remedy: "sudo sysctl -w user.max_user_namespaces=15000",
  },
] as const;

/** The command that installs bubblewrap on this distribution. */
export async function installCommand(host: ProbeHost): Promise<string> {
  const release = (await host.readText("/etc/os-release")) ?? "";
  const ids = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, value = ""]) => value.split(" "));
  const known = ids.map((id) => INSTALL_COMMANDS[id.startsWith("opensuse") ? "suse" : id]).find((each) => each);
  return known ?? "install the package bubblewrap with the package manager of this system";
}

/** The command that allows user namespaces again, where a kernel setting blocks them. */
export async function namespaceRemedy(host: ProbeHost): Promise<string> {
  for (const { file, blocking, remedy } of SWITCHES)
    if ((await host.readText(file))?.trim() === blocking) return remedy;
  return "in a container, start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined";
}
