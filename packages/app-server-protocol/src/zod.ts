export { METHOD_SCHEMAS } from "./gen/zod.gen.ts";
