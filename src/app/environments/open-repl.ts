import { type EnvironmentName, parseEnvironmentName } from '../../core/environment/environment-name.ts';
import type { NodeId } from '../../core/definition/nodes/node.ts';
import { viewKeyOf } from '../../core/definition/nodes/node-name.ts';
import { interrupted } from '../../connectors/postgresql/open-connection.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { QueryShell } from '../../engine/shell/query-shell.ts';
import type { ShellSettings } from '../../engine/shell/shell-tables.ts';
import type { Generation } from '../../core/state/generation.ts';
import { noteUse } from '../../store/generations/last-used.ts';
import { newSpillFolder } from '../../store/spill-folder.ts';
import { openStore, type StoreReader } from '../../store/store-reader.ts';
import { loadSettings } from '../../project/load-project.ts';
import { chooseProfile } from '../../project/choose-profile.ts';
import { lookForProjectRoot } from '../../project/files/project-root.ts';
import { assertEnvironmentExists } from '../../planning/saved-plan.ts';
import { attachWarning, replServers } from './repl-servers.ts';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommonOptions, World } from '../../core/world.ts';

export interface OpenReplOptions extends CommonOptions {
  readonly environment?: string;
  readonly profile?: string;
  /** The SQL of a one-shot query: only servers that it mentions are attached. */
  readonly sql?: string;
}

export interface ShownTable {
  readonly view: string;
  readonly alias: string | null;
  readonly node: NodeId;
  readonly artefact: string;
}

export interface OpenedRepl {
  readonly session: QueryShell;
  readonly root: string | null;
  readonly projectName: string | null;
  readonly environment: string | null;
  readonly tables: readonly ShownTable[];
  readonly lastRun: string | null;
  readonly basedOn: { readonly serial: number; readonly production: number } | null;
  /** Databases of servers that are attached. */
  readonly attached: readonly string[];
  readonly warnings: readonly string[];
}

/** Opens a read-only shell over the outputs of an environment or of production; outside a project it has no tables. */
export async function openRepl(world: World, options: OpenReplOptions): Promise<OpenedRepl> {
  const environment = options.environment === undefined ? null : parseEnvironmentName(options.environment);
  const root = lookForProjectRoot(world, options);
  if (root === null) return openOutside(world, environment);
  const store = openStore(root, world);
  if (environment !== null) assertEnvironmentExists(store, environment);
  const pin = chooseProfile(world, { root, environment, explicit: options.profile ?? null });
  if (environment !== null) noteUse(root, { environment, at: world.now() }, world.disk);
  const settings = loadSettings(root);
  const shown = shownGeneration(store, environment);
  const tables = tablesOf(shown.generation);
  const opening = tables.map(table => ({ ...table, place: store.artefactPlace(table.artefact) }));
  const shell: ShellSettings = { ...settings, temporaryDirectory: newSpillFolder(root) };
  const { servers, renamed } = replServers(world, { root, pin, sql: options.sql ?? null });
  const { shell: session, broken } = await QueryShell.open(opening, shell, { servers, signal: world.signal });
  if (world.signal.aborted) {
    session.close();
    throw interrupted();
  }
  const gone = new Set(broken.map(entry => entry.view));
  return {
    session,
    root,
    projectName: settings.name,
    environment,
    tables: tables.filter(table => !gone.has(table.view)),
    lastRun: shown.generation?.at ?? null,
    basedOn: shown.basedOn,
    attached: session.attached,
    warnings: [
      ...shown.warnings,
      ...broken.map(({ view, reason }) => `${view} cannot be opened: ${reason}`),
      ...renamed,
      // A one-shot query that needs such a server fails with the reason.
      ...(options.sql === undefined ? servers.takeFailures().map(attachWarning) : []),
    ],
  };
}

async function openOutside(world: World, environment: EnvironmentName | null): Promise<OpenedRepl> {
  if (environment !== null) {
    throw new ToolError('no-project', `Environment '${environment}' not found: no project here.`, {
      hint: 'Change to the project folder, or pass --project-path.',
    });
  }
  const settings = { threads: null, memoryLimit: null, temporaryDirectory: join(tmpdir(), 'seeknal-spill') };
  const { shell: session } = await QueryShell.open([], settings);
  world.emit({ kind: 'notice', text: 'No project here, so there are no tables.' });
  return {
    session,
    root: null,
    projectName: null,
    environment: null,
    tables: [],
    lastRun: null,
    basedOn: null,
    attached: [],
    warnings: [],
  };
}

interface Shown {
  readonly generation: Generation | null;
  readonly basedOn: OpenedRepl['basedOn'];
  readonly warnings: readonly string[];
}

const NO_PRODUCTION = "Nothing has been built yet. Run 'seeknal run'.";

function shownGeneration(store: StoreReader, environment: EnvironmentName | null): Shown {
  const production = store.current(null);
  if (environment === null)
    return { generation: production, basedOn: null, warnings: production === null ? [NO_PRODUCTION] : [] };
  const own = store.current(environment);
  if (own === null) {
    if (store.environmentConfig(environment)?.status === 'applied')
      return { generation: production, basedOn: null, warnings: [] };
    const text = `Environment '${environment}' has not been applied; showing production's tables. Run 'seeknal env apply ${environment}'.`;
    return { generation: production, basedOn: null, warnings: [text] };
  }
  const follows = store.followsProduction(environment);
  const moved = !follows && production !== null && own.base !== null && own.base.serial !== production.serial;
  const basedOn = moved && own.base ? { serial: own.base.serial, production: production.serial } : null;
  return { generation: own, basedOn, warnings: [] };
}

/** One view per node, and its bare name as an alias unless another view or node has that name. */
function tablesOf(generation: Generation | null): readonly ShownTable[] {
  const nodes = (generation?.nodes ?? []).map(({ id, artefact }) => {
    const dot = id.indexOf('.');
    return { id, artefact, kind: id.slice(0, dot), name: id.slice(dot + 1) };
  });
  const views = new Set(nodes.map(({ kind, name }) => viewKeyOf(kind, name)));
  const keyOf = (name: string): string => name.normalize('NFC').toLowerCase();
  const bare = nodes.map(({ name }) => keyOf(name));
  return nodes.map(({ id, artefact, kind, name }) => {
    const key = keyOf(name);
    const free = !views.has(key) && bare.filter(other => other === key).length === 1;
    return { view: `${kind}_${name}`, alias: free ? name : null, node: id, artefact };
  });
}
