/** `YYYY-MM-DD HH:MM` in UTC, from ISO 8601; a dash for no time. */
export function shortTime(iso: string | null): string {
  const time = iso === null ? null : new Date(iso);
  if (time === null || Number.isNaN(time.getTime())) return '-';
  return time.toISOString().slice(0, 16).replace('T', ' ');
}
