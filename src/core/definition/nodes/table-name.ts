/** The parts of a table's name on a server, outermost first; null if the text is not a name. `"a ""b"".c".d` is allowed. */
export function tableNameParts(text: string): readonly string[] | null {
  const parts: string[] = [];
  let rest = text.trim();
  for (;;) {
    const part = /^(?:"((?:[^"\u0000]|"")+)"|([\p{L}_][\p{L}\p{N}_$-]*))/u.exec(rest);
    if (!part) return null;
    parts.push(part[1]?.replaceAll('""', '"') ?? part[2] ?? '');
    rest = rest.slice(part[0].length);
    if (rest === '') return parts;
    if (!rest.startsWith('.')) return null;
    rest = rest.slice(1);
  }
}

/** A table's name as a person reads it: parts are quoted only where they must be. */
export const shownTableName = (parts: readonly string[]): string =>
  parts.map(part => (/^[\p{L}_][\p{L}\p{N}_$-]*$/u.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join('.');
