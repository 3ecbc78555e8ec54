import { execFileSync } from "node:child_process";

/** Runs git in a folder, with nobody's settings. */
export function git(folder: string, ...words: readonly string[]): string {
  const settings = ["-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "protocol.file.allow=always"];
  const env = { PATH: process.env.PATH ?? "", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  return execFileSync("git", [...settings, ...words], { cwd: folder, env, encoding: "utf8", stdio: "pipe" });
}
