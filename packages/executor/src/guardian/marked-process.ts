/** The number of its start that the text of `/proc/PID/limits` carries behind these ten digits; absent without them. */
export function serialOf(limits: string, mark: string): number | undefined {
  const [, serial] = new RegExp(`^Max realtime timeout +${mark}(\\d{9}) `, "m").exec(limits) ?? [];
  return serial === undefined ? undefined : Number(serial);
}
