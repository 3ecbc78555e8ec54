import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { SERVICE_LIMITS } from "../limits.ts";
import type { RelayStores } from "../ports.ts";
import { type ServiceClock, systemServiceClock } from "../service-clock.ts";
import { MemoryAuthorizations } from "./memory-authorizations.ts";
import { MemoryRoutes } from "./memory-routes.ts";
import { signingSecretIn } from "./signing-secret.ts";

const FILE = "registrations.db";
const MODE = 0o700;
const OTHERS = 0o077;

/**
 * What a relay on one machine stands on: memory, and a folder for what has to be there after a restart.
 *
 * @param folder - Absolute; made for this user alone if it is not there.
 * @throws Error - The folder can't be used, others may read it, or another relay has it.
 */
export async function openEmbeddedStores(
  folder: string,
  clock: ServiceClock = systemServiceClock,
): Promise<RelayStores> {
  try {
    mkdirSync(folder, { recursive: true, mode: MODE });
    checkFolder(folder);
    const signingSecret = signingSecretIn(folder);
    // Some versions of Node warn of it as soon as it is loaded.
    const { SqliteRegistrations } = await import("./sqlite-registrations.ts");
    const registrations = new SqliteRegistrations(join(folder, FILE), SERVICE_LIMITS.maxRegistrations);
    const routes = new MemoryRoutes();
    return {
      registrations,
      authorizations: new MemoryAuthorizations(SERVICE_LIMITS.maxAuthorizations, clock),
      routes,
      signingSecret,
      isReady: () => !routes.isOver,
      async [Symbol.asyncDispose]() {
        if (routes.isOver) return;
        await routes[Symbol.asyncDispose]();
        registrations[Symbol.dispose]();
      },
    };
  } catch (cause) {
    throw new Error(`the state folder ${folder} can't be used: ${reasonOf(cause)}`, { cause });
  }
}

function checkFolder(folder: string): void {
  const stats = statSync(folder);
  if (!stats.isDirectory()) throw new Error("it is no folder");
  const uid = process.geteuid?.();
  if (uid !== undefined && stats.uid !== uid) throw new Error(`it belongs to user ${stats.uid}, not to you`);
  if (uid !== undefined && (stats.mode & OTHERS) !== 0) throw new Error(`others may look into it: chmod 700 ${folder}`);
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /database is locked/.test(text) ? "another relay uses it" : text;
}
