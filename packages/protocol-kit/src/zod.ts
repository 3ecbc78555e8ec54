export { bounded, itemsWithin, matching, textWithin } from "./validate/bounds.ts";
export { anyOf, oneOf, tagged, unknownVariant, unknownWord, variants, words } from "./validate/choices.ts";
export { mapOf } from "./validate/maps.ts";
export {
  base64,
  base64Content,
  closedRecord,
  double,
  float,
  int8,
  int16,
  int32,
  int64,
  integer,
  jsonObject,
  openRecord,
  present,
  record,
  recordOf,
  stringMap,
  uint,
  uint8,
  uint16,
  uint32,
  uint64,
  uuid,
} from "./validate/schema-kit.ts";
export { strictly, tolerating } from "./validate/tolerance.ts";
export { proven, type Typed, typed } from "./validate/typed.ts";
