import type { ErrorDocument } from '../core/documents/error-document.ts';
import { renderCodeFrame } from '../diagnostics/code-frame.ts';
import { type Diagnostic, diagnostic, withoutFrames } from '../diagnostics/diagnostic.ts';
import type { ToolError } from '../diagnostics/tool-error.ts';
import type { Style } from './text/style.ts';

/** Renders mistakes and warnings with places, code frames and hints; each line ends with a newline. */
export const renderDiagnostics = (diagnostics: readonly Diagnostic[], style: Style): string =>
  diagnostics.map(entry => `${diagnosticLines(entry, style).join('\n')}\n`).join('');

function diagnosticLines(entry: Diagnostic, style: Style): readonly string[] {
  const place =
    entry.file === null ? '' : `${[entry.file, entry.line, entry.column].filter(part => part !== null).join(':')}: `;
  const label = `${entry.severity}[${entry.code}]`;
  const paint = entry.severity === 'error' ? style.bad : style.caution;
  return [
    `${place}${paint(label)}: ${aboutNode(entry)}${printable(entry.message)}`,
    ...renderCodeFrame(entry),
    ...hintLine(entry.hint),
  ];
}

/** Names the node of a mistake that has no line, as in a stored definition, unless its message does. */
const aboutNode = ({ node, line, message }: Diagnostic): string =>
  node === null || node === undefined || line !== null || message.includes(node) ? '' : `${node}: `;

/** Renders a tool error: first the mistakes that explain it, then its message and hint. */
export function renderToolError(error: ToolError, style: Style): string {
  if (error.code === 'aborted' || error.code === 'interrupted')
    return `${error.message}\n${error.hint === null ? '' : `  ${printable(error.hint)}\n`}`;
  const head = `${style.bad(`error[${error.code}]`)}: ${printable(error.message)}`;
  return `${renderDiagnostics(error.diagnostics, style)}${[head, ...hintLine(error.hint)].join('\n')}\n`;
}

/** The error as a JSON document. */
export function errorJson(error: ToolError): ErrorDocument {
  const own = diagnostic({ code: error.code, message: error.message, hint: error.hint });
  const explained = error.diagnostics.some(entry => entry.severity === 'error');
  const diagnostics = explained ? error.diagnostics : [...error.diagnostics, own];
  return withoutFrames({ format: 'seeknal.error', version: 1, diagnostics });
}

const hintLine = (hint: string | null): readonly string[] => (hint === null ? [] : [`  hint: ${printable(hint)}`]);

/** Removes control characters from a message, which may quote files and databases; line breaks are kept. */
const printable = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\u00b7');
