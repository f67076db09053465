/** In one line, why something failed: what a program printed last, else the error's message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const printed = 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : '';
  return printed || (error.message.split('\n')[0] ?? error.name);
}
