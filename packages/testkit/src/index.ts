export { FakeClock } from "./fake-clock.ts";
export { type LeakGuard, leakGuard } from "./leak-guard.ts";
export { type ProgramName, programPath } from "./programs.ts";
export { type TempDir, tempDir } from "./temp-dir.ts";
export { type UntilOptions, until } from "./until.ts";
