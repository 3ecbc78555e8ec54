import { fileURLToPath } from "node:url";

const PATH = fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-everything/dist/index.js"));

/** A real server, of npm. */
export const EVERYTHING = { command: process.execPath, args: [PATH, "stdio"] } as const;
