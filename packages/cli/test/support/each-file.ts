// Evaluated for each file of tests, see `setupFiles` in vitest.config.ts.
import { afterAll } from "vitest";
import { endOfFile } from "./end-of-file.ts";

afterAll(endOfFile);
