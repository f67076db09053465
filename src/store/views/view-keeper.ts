import { lstatSync } from 'node:fs';
import type { EnvironmentName } from '../../core/environment/environment-name.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import { ensureFolder, setStatus } from '../generations/environment-folder.ts';
import { renderHead } from '../generations/generation-file.ts';
import type { Generation } from '../../core/state/generation.ts';
import { forgetEnvironment, halfDeleted } from '../recovery/recover.ts';
import { ownOf } from '../generations/environment-overlay.ts';
import { refreshDocument, refreshLinks, removeViews, type EnvironmentViews } from './refresh-views.ts';
import type { StoreReader } from '../store-reader.ts';
import { statusOf } from '../generations/stored-plan.ts';
import { assertKnownVersion, readText } from '../ledger/stored-json.ts';
import { isManifestOfPlan, renderManifest, renderReferences, renderRunState, serialOfView } from './view-documents.ts';
import { replaceFileSafely, type WriteContext } from '../write-context.ts';

/** Keeps the views under `target/` in step with the store. */
export class ViewKeeper {
  readonly #context: WriteContext;
  readonly #store: StoreReader;

  constructor(context: WriteContext, store: StoreReader) {
    this.#context = context;
    this.#store = store;
  }

  /** Shows an environment's current generation. Writes `run_state.json` last, to mark the views as complete. */
  refresh(environment: EnvironmentName | null): void {
    const generation = this.#store.current(environment);
    if (generation === null) return;
    const views = this.#viewsOf(environment);
    this.refreshOutputs(environment, generation);
    refreshDocument(views, 'manifest.json', renderManifest(generation, this.#store));
    if (environment !== null) refreshDocument(views, 'refs.json', renderReferences(generation, this.#own(generation)));
    this.refreshRunState(environment);
  }

  /** Links production's outputs, or the outputs of an environment that differ from its base. */
  refreshOutputs(environment: EnvironmentName | null, generation: Generation): void {
    const own = environment === null ? null : this.#own(generation);
    const shown = generation.nodes.filter(node => own === null || own.has(node.id));
    refreshLinks(
      this.#viewsOf(environment),
      shown.map(({ id, artefact }) => ({ id, artefact: this.#store.artefactPlace(artefact) })),
    );
  }

  refreshRunState(environment: EnvironmentName | null): void {
    const attempt = this.#store.lastAttempt(environment);
    const text = renderRunState(this.#store.current(environment), attempt, this.#store);
    refreshDocument(this.#viewsOf(environment), 'run_state.json', text);
  }

  /** Makes an environment follow production. Writes the head first; a repair can finish the rest. */
  async follow(environment: EnvironmentName, serial: number | null, at: string): Promise<void> {
    if (serial !== null) {
      ensureFolder(this.#context, environment);
      await replaceFileSafely(
        this.#context,
        this.#context.paths.head(environment),
        renderHead({ serial, follows: true }),
      );
    }
    this.#markFollowing(environment, at);
  }

  /** Completes the work of a writer that died, and restores views that are missing or outdated. */
  async repair(): Promise<void> {
    for (const environment of halfDeleted(this.#context)) forgetEnvironment(this.#context, environment);
    await ignoringErrors(['store-damaged'], async () => this.#repairProduction());
    for (const environment of this.#store.environmentNames())
      await ignoringErrors(UNREADABLE, () => this.#repairEnvironment(environment));
  }

  /** Refreshes all views. An unreadable environment record is replaced by one with status `planned` or `promoted`. */
  async refreshAll(now: Date): Promise<void> {
    this.refresh(null);
    for (const environment of this.#store.environmentNames()) {
      await ignoringErrors(UNREADABLE, async () => this.#refreshEnvironment(environment, now.toISOString()));
    }
  }

  #refreshEnvironment(environment: EnvironmentName, now: string): void {
    const follows = this.#store.followsProduction(environment);
    if (this.#store.environmentConfig(environment) === null) {
      setStatus(this.#context, environment, { status: follows ? 'promoted' : 'planned', at: now });
    }
    if (follows) return removeViews(this.#viewsOf(environment));
    const generation = this.#store.current(environment);
    if (generation === null) return;
    const manifest = readText(this.#context.paths.view(environment, 'manifest.json'));
    this.refreshOutputs(environment, generation);
    const views = this.#viewsOf(environment);
    if (!isManifestOfPlan(manifest)) refreshDocument(views, 'manifest.json', renderManifest(generation, this.#store));
    refreshDocument(views, 'refs.json', renderReferences(generation, this.#own(generation)));
    this.refreshRunState(environment);
  }

  #repairProduction(): void {
    const generation = this.#store.current(null);
    if (generation === null) return;
    // Check first: the views of a newer version must not be replaced.
    const manifest = readText(this.#context.paths.view(null, 'manifest.json'));
    if (manifest !== null) assertKnownVersion(manifest, this.#context.paths.view(null, 'manifest.json'));
    // A failed attempt rewrites only the run state, so the manifest may show an earlier generation.
    const complete = this.#showsSerial(null, generation.serial) && serialOfView(manifest) === generation.serial;
    if (!complete) return this.refresh(null);
    this.refreshOutputs(null, generation);
    // The outcome of an attempt does not change the serial.
    this.refreshRunState(null);
  }

  async #repairEnvironment(environment: EnvironmentName): Promise<void> {
    const serial = this.#store.head(environment);
    if (serial === null) return;
    if (this.#store.followsProduction(environment)) {
      if (this.#has(environment, 'run_state.json'))
        this.#markFollowing(environment, this.#store.generation(null, this.#store.head(null) ?? 0)?.at);
      return;
    }
    const promotedAt = this.#promotedAt(environment, serial);
    if (promotedAt !== null) return this.follow(environment, serial, promotedAt);
    // What was written outside the store does not change the serial.
    if (this.#showsSerial(environment, serial) && this.#has(environment, 'intermediate'))
      return this.refreshRunState(environment);
    const generation = this.#store.current(environment);
    if (!this.#showsSerial(environment, serial) && generation) {
      const status = statusOf(this.#context.paths, environment, generation.plan);
      setStatus(this.#context, environment, { status, at: generation.at });
    }
    this.refresh(environment);
  }

  /** When this environment was promoted, if the promotion died before the environment followed production; else null. */
  #promotedAt(environment: EnvironmentName, serial: number): string | null {
    const production = this.#store.current(null);
    if (production?.cause !== 'promote' || production.from !== environment || production.plan === null) return null;
    return this.#store.generation(environment, serial)?.plan === production.plan ? production.at : null;
  }

  #markFollowing(environment: EnvironmentName, at: string | undefined): void {
    const known = this.#store.environmentConfig(environment);
    const used = at ?? known?.last_used_at;
    if (used !== undefined) setStatus(this.#context, environment, { status: 'promoted', at: used });
    removeViews(this.#viewsOf(environment));
  }

  #showsSerial(environment: EnvironmentName | null, serial: number): boolean {
    return serialOfView(readText(this.#context.paths.view(environment, 'run_state.json'))) === serial;
  }

  #has(environment: EnvironmentName | null, file: string): boolean {
    return lstatSync(this.#context.paths.view(environment, file), { throwIfNoEntry: false }) !== undefined;
  }

  #own(generation: Generation): ReturnType<typeof ownOf> {
    return ownOf(this.#store, generation);
  }

  #viewsOf(environment: EnvironmentName | null): EnvironmentViews {
    return { ...this.#context, environment };
  }
}

const UNREADABLE: readonly string[] = ['store-damaged', 'format-too-new', 'unsafe-path'];

/** Ignores these errors: damage to one environment must not stop commands that do not use it. */
async function ignoringErrors(codes: readonly string[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ToolError) || !codes.includes(error.code)) throw error;
  }
}

/** An error for a switch that succeeded while the refresh of its views failed. */
export function viewsBehind(environment: EnvironmentName | null, serial: number, cause: unknown): ToolError {
  const name = environment === null ? 'Production' : `Environment '${environment}'`;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ToolError('views-behind', `${name} is at generation ${serial}, but target/ could not be updated: ${why}`, {
    cause,
    hint: "Fix the cause, then run 'seeknal doctor --repair'. Queries already use the new generation.",
  });
}
