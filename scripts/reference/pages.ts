import { fileURLToPath } from 'node:url';
import { renderCommands } from './render-commands.ts';
import { renderSources } from './render-sources.ts';

export interface ReferencePage {
  /** Absolute. */
  readonly path: string;
  render(): string;
}

const pathOf = (name: string): string => fileURLToPath(new URL(`../../docs/reference/${name}`, import.meta.url));

/** The pages of docs/reference that are generated from the source. */
export const REFERENCE_PAGES: readonly ReferencePage[] = [
  { path: pathOf('commands.md'), render: renderCommands },
  { path: pathOf('sources.md'), render: renderSources },
];
