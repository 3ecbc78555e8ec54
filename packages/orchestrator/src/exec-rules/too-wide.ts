/** Programs that run whatever they are told: to allow one of them is to allow everything. */
const RUN_ANYTHING: ReadonlySet<string> = new Set([
  "ash",
  "awk",
  "bash",
  "bun",
  "busybox",
  "cmd",
  "csh",
  "dash",
  "deno",
  "doas",
  "docker",
  "env",
  "eval",
  "exec",
  "find",
  "fish",
  "gawk",
  "git",
  "ksh",
  "lua",
  "make",
  "nice",
  "node",
  "nohup",
  "npx",
  "osascript",
  "parallel",
  "perl",
  "php",
  "podman",
  "powershell",
  "pwsh",
  "py",
  "python",
  "ruby",
  "setsid",
  "sh",
  "ssh",
  "su",
  "sudo",
  "tcsh",
  "time",
  "timeout",
  "tmux",
  "xargs",
  "zsh",
]);

/** Whether commands that begin with these words can do anything: then no user is offered to allow them for good. */
export function isTooWide([program = "", ...rest]: readonly string[]): boolean {
  const name = (program.split(/[\\/]/).at(-1) ?? "")
    .toLowerCase()
    .replace(/\.exe$/, "")
    .replace(/[\d.]+$/, "");
  return name === "" || (RUN_ANYTHING.has(name) && rest.every((word) => word.startsWith("-")));
}
