import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const INPUTS = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"];

/**
 * Install with the pinned pnpm unless the last install saw the same inputs.
 *
 * @param {string} root - Absolute path of the checkout.
 */
export function ensureDependencies(root) {
  const stamp = join(root, "node_modules", ".holdfast-setup");
  const state = createHash("sha256").update(process.platform + process.arch);
  for (const input of INPUTS) state.update(readFileSync(join(root, input)));
  const digest = state.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;

  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  console.error(`installing dependencies with ${packageManager}`);
  const args = ["--yes", packageManager, "install", "--frozen-lockfile", "--reporter=append-only", "--loglevel=error"];
  const { status, error } = spawnSync("npx", args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (error) throw error;
  if (status !== 0) {
    console.error(`npx ${args.join(" ")} ended with ${status}`);
    process.exit(status ?? 1);
  }
  writeFileSync(stamp, digest);
}
