import { pinProfile } from '../connections/discover-profile.ts';
import type { ProfilePin } from '../core/documents/plan-document.ts';
import type { ExecutionSettings } from '../engine/execution/renewed-database.ts';
import { openCommandServers } from './open-servers.ts';
import type { Answer } from '../analysis/analyse-described.ts';
import { Analyser } from '../analysis/analyser.ts';
import { connectorFor, targetConnectorFor } from '../connectors/connector-for.ts';
import { FileHashes } from '../connectors/files/file-hashes.ts';
import type { EnvironmentName } from '../core/environment/environment-name.ts';
import type { ProjectSettings } from '../core/definition/nodes/node.ts';
import { once } from '../core/once.ts';
import type { Place } from '../core/state/place.ts';
import type { World } from '../core/world.ts';
import { ExecutionSession } from '../engine/execution/execution-session.ts';
import type { PromotionTools } from '../promotion/promotion-tools.ts';
import { ArtefactVerifier } from '../store/artefacts/artefact-verifier.ts';
import { KnownArtefacts } from '../store/artefacts/known-artefacts.ts';
import { Cache } from '../store/cache.ts';
import { newSpillFolder } from '../store/spill-folder.ts';
import type { StoreReader } from '../store/store-reader.ts';

export interface ToolsInput {
  readonly world: World;
  readonly root: string;
  readonly store: StoreReader;
  readonly settings: ProjectSettings;
  /** The environment to load; production is always loaded. */
  readonly environment?: EnvironmentName;
  /** The profile of the command; if omitted, the one that is found by convention for the environment. */
  readonly profile?: (() => ProfilePin | null) | undefined;
  /** DuckDB's answers from earlier in the same command. */
  readonly answers?: Map<string, Answer>;
}

/** The tools of planning and execution. */
export type Tools = PromotionTools;

const ANALYSIS_CACHE = 'analysis.json';
const FILE_HASHES = 'files.json';
const ARTEFACT_CHECKS = 'artefacts.json';

/** Opens the sessions and caches of a command on first use; closes the sessions and saves the caches at the end. */
export async function withTools<T>(input: ToolsInput, work: (tools: Tools) => Promise<T>): Promise<T> {
  const opened = openTools(input);
  try {
    const result = await work(opened.tools);
    opened.saveCaches();
    return result;
  } finally {
    await opened.close();
  }
}

interface OpenedTools {
  readonly tools: Tools;
  saveCaches(): void;
  close(): Promise<void>;
}

function openTools(input: ToolsInput): OpenedTools {
  const { world, root, store } = input;
  const cache = new Cache(root, world.disk);
  const session = lazySession(input);
  const { execution } = session;
  const analyser = openAnalyser(input, cache);
  const hashes = new FileHashes(cache.read(FILE_HASHES));
  const readContent = async (place: Place) => (await execution()).identityOf(place, {});
  const artefacts = new ArtefactVerifier(store, readContent, cache.read(ARTEFACT_CHECKS));
  const state = once(() => store.snapshot(input.environment));
  const known = once(() => new KnownArtefacts({ state: state(), artefacts, session: execution }));
  const files = { root, hashes, signal: world.signal, now: () => world.now(), session: execution };
  const servers = once(() => commandServers(input));
  const around = {
    files,
    postgresql: {
      get servers() {
        return servers();
      },
    },
  };
  return {
    tools: {
      root,
      world,
      get state() {
        return state();
      },
      get known() {
        return known();
      },
      analyser,
      artefacts,
      connector: ({ source }) => connectorFor(source, around),
      target: ({ type }) => targetConnectorFor(type, around),
      execution,
    },
    saveCaches: () => {
      save(cache, ANALYSIS_CACHE, analyser.render());
      save(cache, FILE_HASHES, hashes.render());
      save(cache, ARTEFACT_CHECKS, artefacts.render());
    },
    close: async () => void (await Promise.all([analyser.close(), session.close(), servers().close()])),
  };
}

const commandServers = ({ world, root, settings, environment, profile }: ToolsInput) =>
  openCommandServers({
    world,
    root,
    execution: executionSettings(root, settings),
    profile:
      profile ?? (() => pinProfile({ root, home: world.home, environment: environment ?? null, explicit: null })),
  });

const executionSettings = (root: string, { threads, memoryLimit }: ProjectSettings): ExecutionSettings => ({
  threads,
  memoryLimit,
  temporaryDirectory: newSpillFolder(root),
});

const openAnalyser = ({ store, answers }: ToolsInput, cache: Cache): Analyser =>
  new Analyser({
    cache: cache.read(ANALYSIS_CACHE),
    ...(answers ? { answers } : {}),
    columnsBuilt: fingerprint => columnsBuilt(store, fingerprint),
  });

function save(cache: Cache, name: string, text: string | null): void {
  if (text !== null) cache.write(name, text);
}

/** Columns of the latest artefact with a fingerprint; null without one. */
function columnsBuilt(store: StoreReader, fingerprint: string) {
  const [id] = store.artefactsNamed(fingerprint);
  return id === undefined ? null : (store.artefact(id)?.columns ?? null);
}

function lazySession({ root, settings }: ToolsInput) {
  let session: Promise<ExecutionSession> | null = null;
  const execution = (): Promise<ExecutionSession> =>
    (session ??= ExecutionSession.open(executionSettings(root, settings)));
  const close = async (): Promise<void> => {
    const [opened] = await Promise.allSettled([session]);
    if (opened.status === 'fulfilled') await opened.value?.close();
  };
  return { execution, close };
}
