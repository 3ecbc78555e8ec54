export { Planner } from "./planner.ts";
